"""Vocabularies of agencies: products, approvals and indications."""

from app.vocabulary.base import Vocabulary


class Agency(Vocabulary):
    """Authority that decided on a product or an indication."""

    FDA = "FDA", "United States Food and Drug Administration."
    EMA = "EMA", "European Medicines Agency (decision of the European Commission)."
    MHRA = "MHRA", "Medicines and Healthcare products Regulatory Agency, United Kingdom."
    PMDA = "PMDA", "Pharmaceuticals and Medical Devices Agency, Japan."
    NMPA = "NMPA", "National Medical Products Administration, China."
    HEALTH_CANADA = "HC", "Health Canada."
    TGA = "TGA", "Therapeutic Goods Administration, Australia."
    CDSCO = "CDSCO", "Central Drugs Standard Control Organisation, India."


class ProductStatus(Vocabulary):
    """Standing of a product's licence with its agency, as the register states it."""

    AUTHORISED = "authorised", "Licensed and not marked as discontinued."
    DISCONTINUED = "discontinued", "Licensed, but marked as discontinued from marketing."
    WITHDRAWN = "withdrawn", "Licence given up by its holder (withdrawn, voluntarily revoked, expired or lapsed)."
    REVOKED = "revoked", "Licence revoked by the authority."
    SUSPENDED = "suspended", "Licence suspended."
    REFUSED = "refused", "Application refused."
    EMERGENCY_USE = "emergency_use", "Emergency use authorised, without a licence."
    EMERGENCY_USE_ENDED = "emergency_use_ended", "Emergency use authorisation revoked or paused."


class TherapyStatus(Vocabulary):
    """Standing of a therapy over all its products (computed), or as stated where it has none."""

    APPROVED = "approved", "At least one product is licensed and on the market."
    EMERGENCY_USE = "emergency_use", "No such product, but at least one emergency use authorisation in force."
    DISCONTINUED = "discontinued", "No product is on the market any more, but at least one licence stands."
    WITHDRAWN = "withdrawn", "Every licence or authorisation was withdrawn, revoked, suspended or ended."
    REFUSED = "refused", "Only refused applications."
    INVESTIGATIONAL = "investigational", "In clinical development, without a licence known to the fact base."


class ApprovalType(Vocabulary):
    """Kind of approval an indication has or had."""

    REGULAR = "regular", "Regular (full, standard) approval."
    ACCELERATED = "accelerated", "FDA accelerated approval; continued approval may depend on confirmatory trials."
    CONDITIONAL = "conditional", "Conditional marketing authorisation (EMA) or conditional approval (NMPA)."
    EXCEPTIONAL = "exceptional", "EMA authorisation under exceptional circumstances."
    EMERGENCY = "emergency", "Emergency use authorisation."


class ApprovalAction(Vocabulary):
    """What an agency, or the holder of a licence, did about an indication."""

    APPROVED = "approved", "Approved for this use."
    CONVERTED = "converted", "Accelerated or conditional approval made regular."
    EXPANDED = "expanded", "Widened to further patients, without a new indication."
    NARROWED = "narrowed", "Restricted to fewer patients."
    WITHDRAWN = "withdrawn", "Use, licence or authorisation withdrawn or revoked; a note where only that was announced."
    DISCONTINUED = "discontinued", "Taken off the market; the licence may stand."
    REFUSED = "refused", "Application refused."


class IndicationStatus(Vocabulary):
    """Standing of an indication, as it follows from its history."""

    ACTIVE = "active", "Approved, and not ended since."
    WITHDRAWN = "withdrawn", "Withdrawn, removed from the label, or of a product whose licence has ended."
    DISCONTINUED = "discontinued", "The product was taken off the market; its licence may stand."
    REFUSED = "refused", "Application refused."
