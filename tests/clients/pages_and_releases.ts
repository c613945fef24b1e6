// What the client adds to what is generated: run as `pages_and_releases.ts URL`, it writes one JSON document.
import { ApiError, createClient, getServiceInfo, getTherapy, items, listTherapies, listWarnings, pages, resolveMany } from "immunofacts-client";
import type { LabelWarning, ServiceInfo } from "immunofacts-client";

const baseUrl = process.argv[2] ?? "";
const asked: string[] = [];
const client = createClient({
  baseUrl,
  fetch: (request, options) => {
    asked.push(new URL((request as Request).url).search);
    return fetch(request, options);
  },
});

const ids: string[] = [];
for await (const warning of items(listWarnings, { client, query: { event: ["CRS"], limit: 7 } })) {
  const fact: LabelWarning = warning;
  ids.push(fact.id);
}
const sizes: number[] = [];
for await (const page of pages(listWarnings, { client, query: { event: ["CRS"] } })) {
  sizes.push(page.items.length);
}
const searches = asked.splice(0);

const { data: service }: { data: ServiceInfo } = await getServiceInfo({ client });
const pinned = createClient({ baseUrl, release: service.release ?? "" });
const { response } = await getTherapy({ client: pinned, path: { id: "Keytruda" } });
const resolved = await resolveMany({ client: pinned, body: { names: ["Keytruda"] } });
await getServiceInfo({ client: pinned });

const errors: unknown[] = [];
for (const refused of [
  listTherapies({ client, query: { condition: ["melanomma"] } }),
  getTherapy({ client: createClient({ baseUrl, release: "2001.01.01" }), path: { id: "pembrolizumab" } }),
  getTherapy({ client: createClient({ baseUrl, release: "2001.01.01" }), path: { id: "pembrolizumab" }, query: { release: "latest" } }),
]) {
  errors.push(await refused.then(() => null, (error: unknown) => error instanceof ApiError && [error.status, error.problem?.errors?.[0]?.parameter]));
}
console.log(JSON.stringify({ ids, sizes, searches, read: response.url, resolved: resolved.data.items[0]?.match?.id, errors }));
