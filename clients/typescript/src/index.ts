export { ApiError, createClient, type Settings } from "./client.js";
export { items, pages } from "./pages.js";
export type { Client } from "./generated/client/index.js";
export * from "./generated/index.js";
