"""Brings a browser to a page, also to one that answers a form: fills it in as somebody would."""

from typing import TYPE_CHECKING, Any

from tests.support.answers import ANSWERS, Sent, Upload

if TYPE_CHECKING:
    from tests.support.walking import Page

# The form that goes there and has most of the fields; a value that no field takes is a button's.
_FILL = """([to, fields]) => {
  const there = [...document.forms].filter(form =>
    form.method === 'post' && new URL(form.action).pathname === new URL(to, location).pathname);
  const fit = form => Object.keys(fields).filter(name => form.elements.namedItem(name)).length;
  const form = there.sort((one, other) => fit(other) - fit(one))[0];
  if (!form) throw new Error(`no form of ${location.pathname} goes to ${to}`);
  for (const [name, value] of Object.entries(fields)) {
    const values = [value].flat();
    const items = [...form.elements].filter(item => item.name === name && item.type !== 'submit');
    for (const item of items) {
      if (item.type === 'checkbox' || item.type === 'radio')
        item.checked = values.includes(item.value);
      else item.value = values[0];
    }
    if (!items.length) form.append(Object.assign(
      document.createElement('input'), {type: 'hidden', name, value: values[0]}));
  }
  form.dataset.filled = 'true';
}"""


def show(window: Any, address: str, page: "Page") -> bool:
    """Opens the page in this window, whose cookies are its account's; whether it is that page."""
    if not page.answer:
        return _status(window.goto(address + page.path, wait_until="load")) == 200
    answer, status = ANSWERS[page.answer], 0
    for step in answer.steps():
        sent = step if isinstance(step, Sent) else step(window.content())
        if sent.at:
            status = _status(window.goto(address + sent.at, wait_until="load"))
        if sent.fields is not None:
            status = _send(window, sent)
    return status == answer.status


def _status(response: Any) -> int:
    return response.status if response is not None else 0


def _send(window: Any, sent: Sent) -> int:
    fields = sent.fields or {}
    plain = {key: value for key, value in fields.items() if not isinstance(value, Upload)}
    window.evaluate(_FILL, [sent.to or sent.at or window.url, plain])
    for name, value in fields.items():
        if isinstance(value, Upload):
            window.locator(f"form[data-filled] [name={name}]").set_input_files(
                {
                    "name": value.name,
                    "mimeType": "application/octet-stream",
                    "buffer": value.content,
                }
            )
    # Not through its button: HTMX would take over, and what was asked to be confirmed was.
    with window.expect_navigation(wait_until="load") as going:
        window.evaluate("document.querySelector('form[data-filled]').submit()")
    return _status(going.value)
