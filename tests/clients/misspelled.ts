// Each line is refused by the compiler, which complains where one is not: what lists answer is typed, and never `unknown`.
import type { components } from "./openapi-typescript/schema";
import { items, listWarnings, type AdverseEventPage, type Client, type TherapyPage } from "immunofacts-client";
import type { TherapyPage as OrvalPage } from "./orval/api";

declare const one: components["schemas"]["TherapyPage"];
declare const other: TherapyPage;
declare const third: OrvalPage;
declare const events: AdverseEventPage;
declare const client: Client;

// @ts-expect-error
one.items[0].klass;
// @ts-expect-error
other.items[0].class.title;
// @ts-expect-error
third.items[0].name.length.toFixed("1");
// @ts-expect-error
events.items[0].severe.percent;
// @ts-expect-error
const missing: components["schemas"]["Named"] = { id: "only an id" };
// @ts-expect-error
items(listWarnings, { client, query: { level: ["boxing"] } });
// @ts-expect-error
items(listWarnings, { client, query: { therapist: ["Keytruda"] } });
// @ts-expect-error
listWarnings({ query: { level: ["boxed"] } });

export { missing };
