#!/usr/bin/env python3
"""Make web archives of pages, in each way that they are stored, and the same pages as JSON lines and as a directory.

    tools/make-warc.py OUT PAGES.jsonl.gz...

PAGES are gzipped JSON lines with "url" and "html". OUT gets pages.warc, pages.warc.gz (a member a record),
pages.one.warc.gz (one member), pages.warc.zst (a frame a record, with a dictionary frame; needs the program
zstd), pages.one.warc.zst, pages.jsonl and pages/. It shares no code with the reader that it tests.
"""

import gzip
import json
import pathlib
import subprocess
import struct
import sys
import uuid


def record(kind, url, block, content_type):
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, kind + url)}>\r\n"
        f"WARC-Date: 2026-11-21T08:00:00Z\r\nWARC-Target-URI: {url}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def main(out, inputs):
    out.mkdir(parents=True, exist_ok=True)
    (out / "pages").mkdir(exist_ok=True)
    records, n = [record("warcinfo", "urn:info", b"software: make-warc\r\n", "application/warc-fields")], 0
    with open(out / "pages.jsonl", "w", encoding="utf-8") as lines:
        for name in inputs:
            for line in gzip.open(name, "rt", encoding="utf-8"):
                page = json.loads(line)
                url, html = page.get("url") or f"http://page{n}.example/", page["html"]
                url = "".join(c for c in url if ord(c) > 32)
                body = html.encode("utf-8", "replace")
                html = body.decode("utf-8")
                lines.write(json.dumps({"url": url, "html": html}, ensure_ascii=False) + "\n")
                (out / "pages" / f"{n:06}.html").write_bytes(body)
                head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
                match n % 3:  # as servers send it
                    case 0:
                        head += b"Content-Length: %d\r\n\r\n" % len(body)
                    case 1:
                        body = gzip.compress(body, 5, mtime=0)
                        head += b"Content-Encoding: gzip\r\n\r\n"
                    case 2:
                        body = b"".join(b"%x\r\n%s\r\n" % (len(body[i : i + 8192]), body[i : i + 8192]) for i in range(0, len(body), 8192)) + b"0\r\n\r\n"
                        head += b"Transfer-Encoding: chunked\r\n\r\n"
                records.append(record("request", url, b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request"))
                records.append(record("response", url, head + body, "application/http; msgtype=response"))
                n += 1
    whole = b"".join(records)
    (out / "pages.warc").write_bytes(whole)
    (out / "pages.one.warc.gz").write_bytes(gzip.compress(whole, 6, mtime=0))
    (out / "pages.warc.gz").write_bytes(b"".join(gzip.compress(r, 6, mtime=0) for r in records))
    zstd = lambda data, *args: subprocess.run(["zstd", "-q", "-c", *args], input=data, stdout=subprocess.PIPE, check=True).stdout
    (out / "pages.one.warc.zst").write_bytes(zstd(whole))
    samples = out / "samples"
    samples.mkdir(exist_ok=True)
    for i, r in enumerate(records[:400]):
        (samples / str(i)).write_bytes(r[:100_000])
    subprocess.run(["zstd", "-q", "--train", "-f", "-o", out / "dict", *sorted(samples.iterdir())], check=True)
    dictionary = (out / "dict").read_bytes()
    with open(out / "pages.warc.zst", "wb") as f:
        f.write(struct.pack("<II", 0x184D2A5D, len(dictionary)) + dictionary)
        for r in records:
            f.write(zstd(r, "-D", str(out / "dict")))
    for s in samples.iterdir():
        s.unlink()
    samples.rmdir()
    print(f"{n} pages, {len(whole)} bytes of WARC", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
