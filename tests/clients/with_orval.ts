import { compareAdverseEvents, exportWarnings, getTherapy, listAdverseEvents, listTherapies, resolveMany } from "./orval/api";
import type { AdverseEvent, TherapySummary } from "./orval/api";

function percentOf(rate: AdverseEvent["any_grade"]): string {
  return rate?.percent == null ? "not printed" : `${rate.percent.toFixed(1)} %`;
}

const page = await listTherapies({
  class: ["pd-1-inhibitor", "ctla-4-inhibitor"], condition: ["melanoma"], boxed_warning: false, facets: ["class"],
});
if (page.status !== 200) {
  throw new Error(page.data.errors.map((one) => `${one.parameter}: ${one.detail} ${one.suggestions.join()}`).join());
}
const found: TherapySummary[] = page.data.items;
for (const therapy of found) {
  const conditions: string[] = therapy.conditions.map((condition) => condition.name.toUpperCase());
  console.log(therapy.id, therapy.class.name, conditions.length, therapy.counts.adverse_events);
}
console.log(page.data.total, page.data.next ?? "the last page", page.data.facets?.class?.map((value) => value.count).join());

const sparse = await listTherapies({ fields: ["name"], include: ["warnings"], limit: 1 });
if (sparse.status === 200) console.log(sparse.data.items[0].name.length, sparse.data.items[0].warnings?.[0]?.level);

const one = await getTherapy("pembrolizumab");
if (one.status === 200) console.log(one.data.indications[0].agency, one.data.coverage.approvals, one.data.products[0].evidence.locator);

const events = await listAdverseEvents({ therapy: ["Keytruda"], event: ["rash"], limit: 3 });
for (const fact of events.status === 200 ? events.data.items : []) {
  console.log(fact.term.name, percentOf(fact.any_grade), fact.patients_at_risk ?? "N not known", fact.evidence.locator);
}

const compared = await compareAdverseEvents({ therapies: ["nivolumab"], events: ["rash"] });
if (compared.status === 200) {
  console.log(compared.data.items[0].contrasts.map((contrast) => contrast.risk_difference.points.toFixed(2)).join());
}

const table = await exportWarnings({ event: ["CRS"] });
if (table.status === 200 && "data" in table) console.log(String(table.data).split("\n").length);

const names = await resolveMany({ names: ["Keytruda", "PD-1"] });
if (names.status === 200) console.log(names.data.items.map((name) => name.match?.id).join());
