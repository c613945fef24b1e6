import type { TDataShape } from "./generated/client/index.js";
import type { Options } from "./generated/index.js";

/** Records that are asked for at once, where `limit` says nothing else. */
const RECORDS = 200;

interface Page {
  items: unknown[];
  next: string | null;
}

/** An operation that answers pages, as it is generated; `undefined` is for those who ask it not to throw. */
type Listing<Data extends TDataShape, Answer extends Page | undefined> = <Throws extends boolean = true>(
  options: Options<Data, Throws>,
) => Promise<{ data: Answer }>;

/** Each page of a list, all of one release: `for await (const page of pages(listWarnings, { client }))`. */
export function pages<Data extends TDataShape, Answer extends Page | undefined>(
  operation: Listing<Data, Answer>,
  options: Options<NoInfer<Data>, true>,
): AsyncGenerator<NonNullable<Answer>, void, undefined> {
  return follow(operation, options) as AsyncGenerator<NonNullable<Answer>, void, undefined>;
}

/** Each record of a list, over all pages: `for await (const warning of items(listWarnings, { client }))`. */
export function items<Data extends TDataShape, Answer extends Page | undefined>(
  operation: Listing<Data, Answer>,
  options: Options<NoInfer<Data>, true>,
): AsyncGenerator<NonNullable<Answer>["items"][number], void, undefined> {
  return each(follow(operation, options));
}

async function* follow(operation: unknown, options: unknown): AsyncGenerator<Page, void, undefined> {
  const ask = operation as (options: object) => Promise<{ data: Page }>;
  const given = options as { query?: object };
  let query: object = { limit: RECORDS, ...given.query };
  for (;;) {
    const { data: page } = await ask({ ...given, query });
    yield page;
    if (page.next === null) {
      return;
    }
    const next = new URL(page.next, "http://localhost").searchParams;
    query = { ...query, cursor: next.get("cursor"), release: next.get("release") };
  }
}

async function* each(found: AsyncIterable<Page>): AsyncGenerator<unknown, void, undefined> {
  for await (const page of found) {
    yield* page.items;
  }
}
