import { compareAdverseEvents, createClient, exportWarnings, getTherapy, listAdverseEvents, listTherapies, resolveMany } from "immunofacts-client";
import type { AdverseEvent, TherapySummary } from "immunofacts-client";

const client = createClient({ baseUrl: process.argv[2] ?? "" });

function percentOf(rate: AdverseEvent["any_grade"]): string {
  return rate?.percent == null ? "not printed" : `${rate.percent.toFixed(1)} %`;
}

const { data: page } = await listTherapies({
  client,
  query: { class: ["pd-1-inhibitor", "ctla-4-inhibitor"], condition: ["melanoma"], boxed_warning: false, facets: ["class"] },
});
const found: TherapySummary[] = page.items;
for (const therapy of found) {
  const conditions: string[] = therapy.conditions.map((condition) => condition.name.toUpperCase());
  console.log(therapy.id, therapy.class.name, conditions.length, therapy.counts.adverse_events);
}
console.log(page.total, page.next ?? "the last page", page.facets?.class?.map((value) => value.count).join());

const sparse = await listTherapies({ client, query: { fields: ["name"], include: ["warnings"], limit: 1 } });
console.log(sparse.data.items[0]?.name.length, sparse.data.items[0]?.warnings?.[0]?.level);

const one = await getTherapy({ client, path: { id: "pembrolizumab" } });
console.log(one.data.indications[0]?.agency, one.data.coverage.approvals, one.data.products[0]?.evidence.locator);

const events = await listAdverseEvents({ client, query: { therapy: ["Keytruda"], event: ["rash"], limit: 3 } });
for (const fact of events.data.items) {
  console.log(fact.term.name, percentOf(fact.any_grade), fact.patients_at_risk ?? "N not known", fact.evidence.locator);
}

const compared = await compareAdverseEvents({ client, query: { therapies: ["nivolumab"], events: ["rash"] } });
console.log(compared.data.items[0]?.contrasts.map((contrast) => contrast.risk_difference.points.toFixed(2)).join());

const table = await exportWarnings({ client, query: { event: ["CRS"] }, parseAs: "text" });
console.log(String(table.data).split("\n").length);

const names = await resolveMany({ client, body: { names: ["Keytruda", "PD-1"] } });
console.log(names.data.items.map((name) => name.match?.id).join());
