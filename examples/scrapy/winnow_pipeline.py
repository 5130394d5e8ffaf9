"""A Scrapy item pipeline that sends items to Winnow's HTTP intake. Standard library only.

In settings.py:

    ITEM_PIPELINES = {"winnow_pipeline.WinnowPipeline": 800}
    WINNOW_URL = "http://127.0.0.1:8080"
    WINNOW_TOKEN_FILE = ""        # a file with the bearer token, if the intake asks for one

An item is a dict (or anything that dict() takes) with "url" and "html" or "text", and whatever else the crawl knows: "title",
"date", "author"... become fields, the rest metadata. close_spider returns when all is stored.

Alone:  python3 winnow_pipeline.py [BATCH_BYTES] http://127.0.0.1:8080 < items.jsonl   (and WINNOW_TOKEN_FILE in the environment)
"""

import gzip
import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request


class WinnowPipeline:
    def __init__(self, url, token="", source="scrapy", batch_bytes=1 << 20, tries=100):
        self.url = url.rstrip("/") + "/v1/documents?source=" + urllib.request.quote(source)
        self.token, self.batch_bytes, self.tries = token, batch_bytes, tries
        self.lines, self.size, self.stored = [], 0, 0
        near = urllib.parse.urlsplit(url).hostname in ("localhost", "127.0.0.1", "::1")  # the crawl's proxy is not asked for it
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({} if near else None))

    @classmethod
    def from_crawler(cls, crawler):
        path = crawler.settings.get("WINNOW_TOKEN_FILE")
        token = open(path, encoding="utf-8").read().strip() if path else ""
        return cls(crawler.settings.get("WINNOW_URL", "http://127.0.0.1:8080"), token, source=crawler.spider.name)

    def process_item(self, item, spider=None):
        line = json.dumps(dict(item), ensure_ascii=False, default=str).encode("utf-8", "replace")
        self.lines.append(line)
        self.size += len(line)
        if self.size >= self.batch_bytes:
            self.flush()
        return item

    def close_spider(self, spider=None):
        self.flush()

    def flush(self):
        """Send what has gathered, until every line is stored."""
        for attempt in range(self.tries):
            if not self.lines:
                break
            refused, wait = self.post(self.lines)
            self.stored += len(self.lines) - len(refused)
            self.lines = refused
            if refused:
                time.sleep(max(wait, min(0.1 * 2**attempt, 10)))
        if self.lines:
            raise RuntimeError(f"{len(self.lines)} items could not be stored")
        self.size = 0

    def post(self, lines):
        """Send lines once; return those to send again, and after how many seconds."""
        body = gzip.compress(b"\n".join(lines) + b"\n", 3)
        headers = {"Content-Type": "application/x-ndjson", "Content-Encoding": "gzip"}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        try:
            with self.opener.open(urllib.request.Request(self.url, body, headers), timeout=90) as answer:
                answer.read()
                return [], 0
        except urllib.error.HTTPError as e:  # also an OSError, so it comes first
            text = e.read().decode("utf-8", "replace")
            if e.code not in (429, 503):
                raise RuntimeError(f"{e.code} {e.reason}: {text.strip()[:500]}") from e
            wait = float(e.headers.get("Retry-After", 1))
            if e.headers.get("Content-Type") != "application/x-ndjson":
                return lines, wait
            results = [json.loads(line) for line in text.splitlines()]
            return [lines[r["line"] - 1] for r in results if r["status"] == "refused"], wait
        except OSError as e:  # perhaps stored all the same; sent again it is a duplicate
            print(f"winnow: no answer from {self.url}, trying again: {e}", file=sys.stderr)
            return lines, 1


if __name__ == "__main__":
    path = os.environ.get("WINNOW_TOKEN_FILE")
    try:
        secret = open(path, encoding="utf-8").read().strip() if path else ""
    except OSError as e:
        sys.exit(f"winnow: WINNOW_TOKEN_FILE: {e}")
    pipeline = WinnowPipeline(sys.argv[-1], secret, source="stdin", batch_bytes=int(sys.argv[1]) if len(sys.argv) > 2 else 1 << 20)
    number = 0
    try:
        for number, row in enumerate(sys.stdin.buffer, 1):
            if row.strip():
                pipeline.process_item(json.loads(row))
        pipeline.close_spider()
    except (RuntimeError, ValueError) as e:
        sys.exit(f"winnow: line {number}, {pipeline.stored} items stored: {e}")
    print(pipeline.stored, "items stored", file=sys.stderr)
