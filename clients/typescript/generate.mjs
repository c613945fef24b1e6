// Generates src/generated of docs/openapi.json, whenever the package is packed.
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { createClient } from "@hey-api/openapi-ts";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const document = JSON.parse(await readFile(at("../../docs/openapi.json"), "utf8"));
const output = at("src/generated");

await rm(at("dist"), { recursive: true, force: true });
await cp(at("../../LICENSES/Apache-2.0.txt"), at("dist/LICENSE"));
await createClient({
  input: document,
  output: { path: output, module: { extension: ".js" } },
  logs: { level: "silent" },
  plugins: [{ name: "@hey-api/client-ky", throwOnError: true }, "@hey-api/typescript", { name: "@hey-api/sdk", client: false }],
});

const named = (parameter) => (parameter.$ref ? document.components.parameters[parameter.$ref.split("/").pop()] : parameter).name;
const unpinned = Object.entries(document.paths)
  .filter(([, methods]) => !Object.values(methods).some((operation) => operation.parameters.map(named).includes("release")))
  .map(([path]) => path);
await writeFile(
  `${output}/unpinned.ts`,
  `/** Paths that are the same in every release. */\nexport const unpinned: readonly string[] = ${JSON.stringify(unpinned, null, 2)};\n`,
);
