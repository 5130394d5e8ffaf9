# Runs the SQL of its first argument in DuckDB and prints rows as JSON lines.
import json, sys
import duckdb

cursor = duckdb.connect().execute(sys.argv[1])
names = [d[0] for d in cursor.description]
for row in cursor.fetchall():
    print(json.dumps(dict(zip(names, [v if isinstance(v, (int, float)) else str(v) for v in row]))))
