// Runs the SQL of its second argument in the DuckDB at its first and prints rows as JSON lines.
import { createRequire } from "node:module";
const { DuckDBInstance } = createRequire(import.meta.url)(process.argv[2]);
const connection = await (await DuckDBInstance.create(":memory:")).connect();
const result = await connection.runAndReadAll(process.argv[3]);
for (const row of result.getRowObjectsJson()) console.log(JSON.stringify(row));
