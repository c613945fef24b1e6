import createClient from "openapi-fetch";
import type { components, paths } from "./openapi-typescript/schema";

type Rate = components["schemas"]["AdverseEvent"]["any_grade"];

const api = createClient<paths>({ baseUrl: process.argv[2] });

function percentOf(rate: Rate): string {
  return rate?.percent == null ? "not printed" : `${rate.percent.toFixed(1)} %`;
}

const { data, error } = await api.GET("/therapies", {
  params: { query: { class: ["pd-1-inhibitor", "ctla-4-inhibitor"], condition: ["melanoma"], boxed_warning: false, facets: ["class"] } },
});
if (error) {
  throw new Error(error.errors.map((one) => `${one.parameter}: ${one.detail} ${one.suggestions.join()}`).join());
}
for (const therapy of data.items) {
  const conditions: string[] = therapy.conditions.map((condition) => condition.name.toUpperCase());
  console.log(therapy.id, therapy.class.name, conditions.length, therapy.counts.adverse_events);
}
console.log(data.total, data.next ?? "the last page", data.facets?.class?.map((value) => value.count).join());

const sparse = await api.GET("/therapies", { params: { query: { fields: ["name"], include: ["warnings"], limit: 1 } } });
console.log(sparse.data?.items[0].name.length, sparse.data?.items[0].warnings?.[0]?.level);

const one = await api.GET("/therapies/{id}", { params: { path: { id: "pembrolizumab" } } });
console.log(one.data?.indications[0].agency, one.data?.coverage.approvals, one.data?.products[0].evidence.locator);

const events = await api.GET("/adverse-events", { params: { query: { therapy: ["Keytruda"], event: ["rash"], limit: 3 } } });
for (const fact of events.data?.items ?? []) {
  console.log(fact.term.name, percentOf(fact.any_grade), fact.patients_at_risk ?? "N not known", fact.evidence.locator);
}

const compared = await api.GET("/adverse-events/compare", { params: { query: { therapies: ["nivolumab"], events: ["rash"] } } });
console.log(compared.data?.items[0].contrasts.map((contrast) => contrast.risk_difference.points.toFixed(2)).join());

const table = await api.GET("/exports/warnings", { params: { query: { event: ["CRS"] } }, parseAs: "text" });
console.log(String(table.data).split("\n").length);

const names = await api.POST("/resolve", { body: { names: ["Keytruda", "PD-1"] } });
console.log(names.data?.items.map((name) => name.match?.id).join());
