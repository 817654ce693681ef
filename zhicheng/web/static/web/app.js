// Small helpers of every page: dialogs, select-all, scanner. No inline scripts anywhere.
(function () {
  "use strict";

  // On a phone the menu is one line that scrolls: where one is, is in sight.
  document.addEventListener("DOMContentLoaded", function () {
    const here = document.querySelector(".zc-side a[aria-current]");
    const line = here && here.closest("ul");
    if (line && line.scrollWidth > line.clientWidth) line.scrollLeft = here.offsetLeft - (line.clientWidth - here.offsetWidth) / 2;
  });

  document.addEventListener("click", function (event) {
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialog);
      if (dialog) {
        copySelection(dialog);
        dialog.querySelectorAll("[data-refused]").forEach((place) => place.replaceChildren());
        dialog.showModal();
      }
      return;
    }
    const closer = event.target.closest("[data-dialog-close]");
    if (closer) closer.closest("dialog").close();
    if (event.target.closest("[data-print]")) window.print();
    const copied = event.target.closest("[data-copy]");
    if (copied && navigator.clipboard) {
      navigator.clipboard.writeText(copied.dataset.copy).then(function () {
        const live = document.getElementById("live");
        if (live) live.textContent = copied.dataset.copied;
        copied.textContent = copied.dataset.copied;
      }, function () {});
    }
  });

  // A dialog's form carries the boxes that are ticked in the table it names.
  function copySelection(dialog) {
    dialog.querySelectorAll("input[data-copied]").forEach((input) => input.remove());
    const form = dialog.querySelector("form");
    const ticked = document.querySelectorAll("input[data-pick]:checked");
    ticked.forEach(function (box) {
      const input = document.createElement("input");
      input.type = "hidden";
      input.name = box.name;
      input.value = box.value;
      input.dataset.copied = "";
      form.append(input);
    });
    dialog.querySelectorAll("[data-picked-count]").forEach(function (place) {
      place.textContent = String(ticked.length);
    });
    const picked = dialog.querySelector("input[type=radio][data-scope-picked]");
    if (picked) {
      const all = dialog.querySelector("input[type=radio][data-scope-all]");
      picked.disabled = ticked.length === 0;
      if (ticked.length > 0) picked.checked = true;
      else if (picked.checked && all) all.checked = true;
    }
  }

  function countPicked() {
    const count = document.querySelectorAll("input[data-pick]:checked").length;
    document.querySelectorAll("[data-picked-now]").forEach(function (place) {
      place.textContent = String(count);
    });
    document.querySelectorAll("[data-needs-pick]").forEach(function (button) {
      button.disabled = count === 0;
    });
  }

  document.addEventListener("change", function (event) {
    const all = event.target.closest("input[data-pick-all]");
    if (all) {
      document.querySelectorAll("input[data-pick]:not(:disabled)").forEach(function (box) {
        box.checked = all.checked;
      });
    }
    if (all || event.target.matches("input[data-pick]")) countPicked();
    const submit = event.target.closest("[data-submit-on-change]");
    if (submit) submit.form.requestSubmit();
  });

  // A keyboard-wedge scanner types a text and Enter; the row that carries it is ticked.
  function beep(good) {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (!Context) return;
    const context = beep.context || (beep.context = new Context());
    const tone = context.createOscillator();
    const volume = context.createGain();
    tone.frequency.value = good ? 1320 : 220;
    volume.gain.value = 0.06;
    tone.connect(volume).connect(context.destination);
    tone.start();
    tone.stop(context.currentTime + (good ? 0.08 : 0.3));
  }

  document.addEventListener("keydown", function (event) {
    const input = event.target.closest && event.target.closest("[data-scanner-input]");
    if (!input || event.key !== "Enter") return;
    event.preventDefault();
    const text = input.value.trim();
    input.value = "";
    if (!text) return;
    const said = input.closest("[data-scanner]").querySelector("output");
    const table = document.getElementById(input.closest("[data-scanner]").dataset.scanner);
    if (table && table.tagName === "TEXTAREA") {
      addSerial(table, input.closest("[data-scanner]"), said, text);
      return;
    }
    const plain = text.replace(/^0+(?=\d)/, "");
    const row = Array.from(table ? table.querySelectorAll("tr[data-scan]") : []).find((item) =>
      item.dataset.scan.split(" ").some((code) => code === text || code === plain)
    );
    const box = row && row.querySelector("input[data-pick]:not(:disabled)");
    const scanner = input.closest("[data-scanner]");
    if (!box && scanner.dataset.lookup) {
      lookUp(scanner, said, text);
      return;
    }
    const again = box && box.checked;
    if (box) {
      box.checked = true;
      row.classList.add("zc-scanned");
      row.scrollIntoView({ block: "nearest" });
    }
    say(said, box ? (again ? "again" : "known") : "unknown", text);
  });

  // Where no table shows what may come, each scan is a line of a box that can be corrected. What
  // is no serial is not taken; a blank that is blocked is taken out again, and its case is named.
  const SERIALS = /^(\d{1,12})(?:[-－–—~～至](\d{1,12}))?$/;
  const SEPARATORS = /[\s,，、;；]+/;
  function addSerial(box, scanner, said, text) {
    if (!SERIALS.test(text)) return say(said, "foreign", text);
    const plain = (code) => code.replace(/^0+(?=\d)/, "");
    const known = box.value.split(SEPARATORS).some((code) => plain(code) === plain(text));
    if (!known) box.value = (box.value.trim() + "\n" + text).trim() + "\n";
    box.scrollTop = box.scrollHeight;
    box.dispatchEvent(new Event("input", { bubbles: true }));
    say(said, known ? "again" : "known", text);
    if (known || !scanner.dataset.lookup) return;
    ask(scanner, text, { box: "1" }).then(function (found) {
      if (!found || found.outcome !== "blocked") return;
      const lines = box.value.split(SEPARATORS).filter((code) => code && plain(code) !== plain(text));
      box.value = lines.map((code) => code + "\n").join("");
      box.dispatchEvent(new Event("input", { bubbles: true }));
      say(said, "blocked", found.label);
    });
  }

  // How many serials a box names, ranges counted.
  document.addEventListener("input", function (event) {
    if (event.target.matches("textarea[data-counts]")) countSerials(event.target);
  });
  function countSerials(box) {
    const place = document.getElementById(box.dataset.counts);
    if (!place) return;
    let number = 0;
    box.value.split(SEPARATORS).forEach(function (part) {
      const ends = SERIALS.exec(part);
      if (ends) number += Math.max(0, Number(ends[2] || ends[1]) - Number(ends[1]) + 1);
    });
    place.textContent = String(number);
  }

  function say(said, outcome, text) {
    const good = outcome === "known" || outcome === "again";
    said.className = "zc-scanner-said " + (good ? "zc-known" : "zc-unknown");
    said.textContent = ((said.dataset[outcome] || "") + " " + text).trim();
    beep(good);
    countPicked();
  }

  // The server's answer to a scan, or null when it knows nothing of it.
  async function ask(scanner, text, more) {
    const headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
    const body = new URLSearchParams({ text: text, ...more });
    try {
      const answer = await fetch(scanner.dataset.lookup, { method: "POST", headers, body });
      // 422: the blank is blocked, and the answer says by which case.
      return answer.ok || answer.status === 422 ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  // What the page doesn't show may be on another page: the server is asked, one scan at a time.
  function lookUp(scanner, said, text) {
    lookUp.line = (lookUp.line || Promise.resolve()).then(async function () {
      const found = await ask(scanner, text);
      if (!found) return say(said, "unknown", text);
      if (found.outcome) {
        say(said, found.outcome, found.label);
        // A page that counts shows its new numbers.
        document.body.dispatchEvent(new CustomEvent("zc:counted"));
        return;
      }
      if (found.value === null) return say(said, "", found.label);
      const again = pick(scanner.dataset.picks, scanner.dataset.name, found.value, found.label);
      say(said, again ? "again" : "known", found.label);
    });
  }

  // Ticks a row that another page of the table shows; true when it was ticked before.
  function pick(listId, name, value, label) {
    const list = document.getElementById(listId);
    const known = Array.from(document.querySelectorAll("input[data-pick]")).find(
      (box) => box.name === name && box.value === String(value)
    );
    if (known) {
      const before = known.checked;
      known.checked = true;
      return before;
    }
    const item = document.createElement("li");
    const caption = document.createElement("label");
    const box = document.createElement("input");
    box.type = "checkbox";
    box.name = name;
    box.value = value;
    box.checked = true;
    box.dataset.pick = "";
    caption.append(box, " " + label);
    item.append(caption);
    list.append(item);
    return false;
  }

  function refusalPlace(dialog) {
    const known = dialog.querySelector("[data-refused]");
    if (known) return known;
    const place = document.createElement("div");
    place.dataset.refused = "";
    place.setAttribute("role", "alert");
    const title = dialog.querySelector("h2");
    if (title) title.after(place);
    else dialog.prepend(place);
    return place;
  }

  // Turning the page of a table keeps what was ticked: it moves to the list of picks and back.
  document.addEventListener("htmx:beforeSwap", function (event) {
    const refused = event.detail.xhr.status >= 400;
    if (refused) {
      const asking = event.detail.requestConfig.elt.closest("dialog[open]");
      if (asking && event.detail.shouldSwap && event.detail.target.id === "alerts") {
        // What was typed stays, and stands below what is wrong with it.
        event.detail.target = refusalPlace(asking);
        event.detail.swapOverride = "innerHTML";
        asking.scrollTop = 0;
        return;
      }
      document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
      return;
    }
    const list = document.querySelector("[data-picks-list]");
    if (!list || event.detail.target.contains(list)) return;
    event.detail.target.querySelectorAll("input[data-pick]:checked").forEach(function (box) {
      const label = box.closest("tr").dataset.label || box.value;
      const row = { name: box.name, value: box.value };
      box.remove();
      pick(list.id, row.name, row.value, label);
    });
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    const list = document.querySelector("[data-picks-list]");
    if (!list || !event.detail.target) return;
    list.querySelectorAll("input[data-pick]").forEach(function (box) {
      const shown = Array.from(document.querySelectorAll("tr input[data-pick]")).find(
        (other) => other.name === box.name && other.value === box.value
      );
      if (!shown) return;
      shown.checked = box.checked;
      box.closest("li").remove();
    });
  });

  // An ID number must never stand in an address: the search box refuses it before it is sent,
  // whether the form is sent by hand or by a change of one of its fields.
  function holdsIdNumber(form) {
    const boxes = form && form.querySelectorAll ? form.querySelectorAll("input[data-no-id]") : [];
    const bad = Array.from(boxes).find((box) =>
      /\d{15}|\d{17}[\dXx]/.test(box.value.normalize("NFKC").replace(/\s/g, ""))
    );
    if (!bad) return false;
    bad.setCustomValidity(bad.dataset.noId);
    bad.reportValidity();
    bad.setCustomValidity("");
    return true;
  }
  document.addEventListener("submit", function (event) {
    if (holdsIdNumber(event.target)) event.preventDefault();
  });
  document.addEventListener("htmx:configRequest", function (event) {
    if (event.detail.verb === "get" && holdsIdNumber(event.detail.elt)) event.preventDefault();
  });

  // A download leaves the page as it is: its dialog has to be closed by hand.
  document.addEventListener("submit", function (event) {
    if (event.target.matches("[data-download]")) event.target.closest("dialog").close();
  });

  // One click too many sends nothing twice: a form under way takes no second submit.
  document.addEventListener(
    "submit",
    function (event) {
      if (!event.target.dataset.sending) return;
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    true
  );
  document.addEventListener("submit", function (event) {
    const form = event.target;
    // Prevented: HTMX sends it.
    if (event.defaultPrevented || form.method !== "post") return;
    form.dataset.sending = "true";
    // The answer may be a download, and the page with its form stays.
    setTimeout(() => delete form.dataset.sending, 3000);
  });
  window.addEventListener("pageshow", function () {
    document.querySelectorAll("[data-sending]").forEach((form) => delete form.dataset.sending);
  });
  document.addEventListener("htmx:beforeRequest", function (event) {
    const form = event.detail.elt;
    if (form.tagName !== "FORM" || event.detail.requestConfig.verb !== "post") return;
    form.dataset.sending = "true";
  });
  document.addEventListener("htmx:afterRequest", function (event) {
    if (event.detail.elt.dataset) delete event.detail.elt.dataset.sending;
  });

  // A scan that arrives while nothing is being typed belongs to the page's scanner box.
  document.addEventListener("keydown", function (event) {
    if (!/^\d$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    const box = document.querySelector("[data-scanner-input]");
    if (!box || document.querySelector("dialog[open]")) return;
    const typing = event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], [role=grid]");
    if (!typing) box.focus();
  });

  // The account menu closes like every menu: Escape, or a click beside it.
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.zc-account[open]");
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
  });
  document.addEventListener("click", function (event) {
    const open = document.querySelector("details.zc-account[open]");
    if (open && !open.contains(event.target)) open.open = false;
  });

  // What is wider than the screen can be scrolled by keyboard; what fits is no stop for it.
  function markScrollable() {
    const boxes = ".zc-table-wrap, .zc-steps, .zc-tabs, .zc-side ul, .zc-letter";
    document.querySelectorAll(boxes).forEach(function (box) {
      const hidden = box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight + 1;
      if (hidden) box.tabIndex = 0;
      else if (!box.hasAttribute("role")) box.removeAttribute("tabindex");
    });
  }
  window.addEventListener("resize", markScrollable);

  // A dialog whose form came back with faults stands open, above the page; without this script
  // it stands in it.
  function reopen() {
    const dialog = document.querySelector("dialog[data-faulty]");
    if (!dialog) return;
    dialog.removeAttribute("data-faulty");
    dialog.removeAttribute("open");
    dialog.showModal();
    const bad = dialog.querySelector("[aria-invalid=true]");
    if (bad) bad.focus();
  }

  function settle() {
    reopen();
    countPicked();
    document.querySelectorAll("textarea[data-counts]").forEach(countSerials);
    markScrollable();
  }
  document.addEventListener("htmx:afterSettle", function (event) {
    settle();
    const news = event.target.querySelector && event.target.querySelector("[data-announce]");
    const live = document.getElementById("live");
    if (live && news) live.textContent = news.textContent;
  });
  document.addEventListener("DOMContentLoaded", function () {
    settle();
    const current = document.querySelector(".zc-side a[aria-current]");
    if (current) {
      // Only sideways, on a phone; scrollIntoView would move the whole page.
      const list = current.closest("ul");
      list.scrollLeft = current.offsetLeft - list.clientWidth / 2 + current.offsetWidth / 2;
    }
    const bad = document.querySelector("main form[method=post] [aria-invalid=true]");
    if (bad && !document.querySelector("dialog[open]")) bad.focus();
  });

  document.addEventListener("htmx:responseError", fail);
  document.addEventListener("htmx:sendError", fail);
  function fail(event) {
    const place = document.getElementById("alerts");
    if (!place) return;
    const offline = event.type === "htmx:sendError";
    const alert = document.createElement("div");
    alert.className = "zc-refusal";
    alert.textContent = place.dataset[offline ? "offline" : "failed"];
    place.replaceChildren(alert);
    document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
    place.scrollIntoView({ block: "nearest" });
  }
})();
