"""Answers of one size at one beat: neither length nor time tells whether somebody exists.

A hit and a miss run the same statements and render the same cards; what is left of a difference
is some microseconds. An answer waits for the next beat, which hides them, unless so many wait
already that waiting would cost others their turn: then the queue hides them.
"""

import base64
import os
import random
import threading
import time

from django.conf import settings
from django.http import HttpResponse

SIZE = 16384
# Every answer takes a piece of this: nothing in it repeats within a page, and making new random
# signs for each would cost more than finding the certificate.
_NOISE = base64.urlsafe_b64encode(os.urandom(3 * SIZE))
_STARTS = len(_NOISE) - 2 * SIZE
# At most half of a web process's threads wait for the beat (commands/serving.py).
_resting = threading.BoundedSemaphore(max(1, int(os.environ.get("ZHICHENG_THREADS", "4")) // 2))


def even(answer: HttpResponse, started: float) -> HttpResponse:
    """Pads the page to whole steps and lets it out on a beat since ``started``."""
    padded(answer)
    beat = int(getattr(settings, "ZHICHENG_ANSWER_BEAT_MS", 20)) / 1000
    if beat > 0 and _resting.acquire(blocking=False):
        try:
            time.sleep(beat - (time.perf_counter() - started) % beat)
        finally:
            _resting.release()
    return answer


def padded(answer: HttpResponse) -> None:
    """Fills a page up with a comment that no compression shortens differently."""
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    missing = -len(answer.content) % SIZE
    if missing < 8:
        missing += SIZE
    start = random.randrange(_STARTS)  # noqa: S311 - no secret
    answer.content += b"<!--%b-->\n" % _NOISE[start : start + missing - 8]
    answer["Cache-Control"] = "no-store, no-transform"
