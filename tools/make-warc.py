#!/usr/bin/env python3
"""Make web archives of pages, in each way that they are stored, and the same pages as JSON lines and as a directory.

    tools/make-warc.py OUT PAGES...

PAGES are gzipped JSON lines with "url" and "html", or directories of .html files, whose addresses are those of
their canonical links, or invented. OUT gets

    pages.warc              plain
    pages.warc.gz           a gzip member a record
    pages.one.warc.gz       one gzip member for the file
    pages.warc.zst          a zstd frame a record, with a dictionary frame
    pages.frames.warc.zst   a zstd frame a record, without
    pages.one.warc.zst      one zstd frame for the file
    pages.jsonl             {"url", "html"}
    pages/                  000000.html, ...: the bytes of the pages

It needs the program zstd and shares no code with the reader that it tests: gzip is Python's, zstd the reference's.
"""

import gzip
import json
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import uuid


def pages(inputs):
    """Yields each page as its address, its bytes, their charset, and the text that they stand for."""
    for name in map(pathlib.Path, inputs):
        if name.is_dir():
            for file in sorted(name.rglob("*.html")):
                data = file.read_bytes()
                charset = (re.search(rb"charset=[\"']?([\w-]+)", data) or [b"", b"utf-8"])[1].decode()
                url = re.search(rb'rel="canonical" href="([^"]+)"', data)
                url = url[1].decode() if url else f"http://www.{file.parent.name}.example/{file.stem}"
                yield url, data, charset, data.decode(charset)
            continue
        for n, line in enumerate(gzip.open(name, "rt", encoding="utf-8")):
            page = json.loads(line)
            url = page.get("url") or f"http://{name.name.split('.')[0]}.example/{n}"
            data = page["html"].encode("utf-8", "replace")
            yield "".join(c for c in url if ord(c) > 32), data, "utf-8", data.decode("utf-8")


def record(kind, url, block, content_type):
    head = (
        f"WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, kind + url)}>\r\n"
        f"WARC-Date: 2026-11-21T08:00:00Z\r\nWARC-Target-URI: {url}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def response(n, charset, body):
    """The n-th page as a server sent it: as it is, compressed, or in chunks."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset={charset}\r\n".encode()
    match n % 3:
        case 0:
            return head + b"Content-Length: %d\r\n\r\n" % len(body) + body
        case 1:
            return head + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(body, 1, mtime=0)
        case _:
            chunks = (body[i : i + 8192] for i in range(0, len(body), 8192))
            return head + b"Transfer-Encoding: chunked\r\n\r\n" + b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in chunks) + b"0\r\n\r\n"


def frames(records, *args):
    """Compresses each record by itself."""
    with tempfile.TemporaryDirectory() as folder:
        files = [pathlib.Path(folder, str(i)) for i in range(len(records))]
        for file, r in zip(files, records):
            file.write_bytes(r)
        names = pathlib.Path(folder, "names")
        names.write_text("\n".join(map(str, files)))
        subprocess.run(["zstd", "-q", "--filelist", names, *args], check=True)
        return b"".join(pathlib.Path(f"{file}.zst").read_bytes() for file in files)


def dictionary(records):
    with tempfile.TemporaryDirectory() as folder:
        samples = [pathlib.Path(folder, str(i)) for i in range(min(len(records), 400))]
        size = sum(file.write_bytes(r[:100_000]) for file, r in zip(samples, records))
        out = pathlib.Path(folder, "dictionary")
        subprocess.run(["zstd", "-q", "--train", f"--maxdict={min(size // 10, 100_000)}", "-o", out, *samples], check=True)
        return out.read_bytes()


def main(out, inputs):
    (out / "pages").mkdir(parents=True, exist_ok=True)
    records, n = [record("warcinfo", "urn:info", b"software: make-warc\r\n", "application/warc-fields")], 0
    with open(out / "pages.jsonl", "w", encoding="utf-8") as lines:
        for url, data, charset, html in pages(inputs):
            lines.write(json.dumps({"url": url, "html": html}, ensure_ascii=False) + "\n")
            (out / "pages" / f"{n:06}.html").write_bytes(data)
            records.append(record("request", url, b"GET / HTTP/1.1\r\n\r\n", "application/http; msgtype=request"))
            records.append(record("response", url, response(n, charset, data), "application/http; msgtype=response"))
            n += 1
    whole = b"".join(records)
    (out / "pages.warc").write_bytes(whole)
    (out / "pages.one.warc.gz").write_bytes(gzip.compress(whole, 1, mtime=0))
    (out / "pages.warc.gz").write_bytes(b"".join(gzip.compress(r, 1, mtime=0) for r in records))
    subprocess.run(["zstd", "-q", "-f", "-o", out / "pages.one.warc.zst", out / "pages.warc"], check=True)
    (out / "pages.frames.warc.zst").write_bytes(frames(records))
    trained = dictionary(records)
    with tempfile.NamedTemporaryFile() as file:
        file.write(trained)
        file.flush()
        packed = frames(records, "-D", file.name)
    (out / "pages.warc.zst").write_bytes(struct.pack("<II", 0x184D2A5D, len(trained)) + trained + packed)
    print(f"{n} pages, {len(whole)} bytes of WARC", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(pathlib.Path(sys.argv[1]), sys.argv[2:])
