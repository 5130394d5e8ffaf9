#!/usr/bin/env python3
"""Write any number of invented documents of some 3 KB as JSON lines, for long runs.

    tools/make-docs.py COUNT [SEED] | winnow clean -out OUT -

Words are common English ones and invented ones, each text its own; of twenty documents one repeats an earlier one, as it
is or cut. The same numbers give the same documents.
"""

import json
import random
import sys

COMMON = """the of and to in a is that for it was on with as at by from he be his but not they which had her she we an
were their been has have will would there if when who more no out so what up said about into than them can only other new
some could time these two may then do first any my now such like our over man me even most made after also did many before
must through years where much your way well down should because each just those people how too little state good very make
world still own see men work long get here between both life being under never day same another know while last might us
great old year off come since against go came right used take three""".split()
PARTS = "ba ko ri mel tan dor sil va nu pe gra lin mo sta fer quo wen dis har ty ul on ber cas".split()


def phrases(rnd):
    """Three words each, every other one common: what texts are made of, too short to be found again."""
    invented = sorted({"".join(rnd.choices(PARTS, k=rnd.randint(2, 4))) for _ in range(30_000)})
    words = invented + COMMON * (len(invented) // len(COMMON))
    return [" ".join(rnd.choices(words, k=3)) for _ in range(400_000)]


def text(rnd, vocabulary):
    paragraphs, left = [], rnd.randint(70, 160)
    while left > 0:
        sentences = []
        for _ in range(rnd.randint(2, 5)):
            n = rnd.randint(3, 8)
            sentences.append(" ".join(rnd.choices(vocabulary, k=n)).capitalize() + ".")
            left -= n
        paragraphs.append(" ".join(sentences))
    return paragraphs


def main(count, seed=1):
    rnd = random.Random(seed)
    vocabulary, earlier = phrases(rnd), []
    for n in range(count):
        if n % 20 == 19 and earlier:
            paragraphs = rnd.choice(earlier)
            if rnd.random() < 0.5:
                paragraphs = paragraphs[: max(2, len(paragraphs) * 2 // 3)]
        else:
            paragraphs = text(rnd, vocabulary)
            if n % 50 == 0:
                earlier = (earlier + [paragraphs])[-1000:]
        site, day = rnd.randint(0, 3000), n * 365 // count
        json.dump(
            {
                "id": f"doc-{n}",
                "url": f"https://paper{site}.example/{n}",
                "title": " ".join(rnd.choices(vocabulary, k=2)).capitalize(),
                "text": "\n\n".join(paragraphs),
                "published": f"2026-{day // 31 + 1:02}-{day % 31 % 28 + 1:02}T08:00:00Z",
            },
            sys.stdout,
        )
        sys.stdout.write("\n")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    try:
        main(*map(int, sys.argv[1:]))
    except BrokenPipeError:
        sys.exit(1)
