// Small helpers of every page: theme, dialogs, select-all, scanner. No inline scripts anywhere.
(function () {
  "use strict";

  document.addEventListener("click", function (event) {
    const theme = event.target.closest("[data-theme-switch]");
    if (theme) {
      const root = document.documentElement;
      const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
      root.setAttribute("data-bs-theme", next);
      localStorage.setItem("zc-theme", next);
      return;
    }
    const opener = event.target.closest("[data-dialog]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.dialog);
      if (dialog) {
        copySelection(dialog);
        dialog.showModal();
      }
      return;
    }
    const closer = event.target.closest("[data-dialog-close]");
    if (closer) closer.closest("dialog").close();
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

  function say(said, outcome, text) {
    const good = outcome === "known" || outcome === "again";
    said.className = "zc-scanner-said " + (good ? "zc-known" : "zc-unknown");
    said.textContent = ((said.dataset[outcome] || "") + " " + text).trim();
    beep(good);
    countPicked();
  }

  // What the page doesn't show may be on another page: the server is asked, one scan at a time.
  function lookUp(scanner, said, text) {
    lookUp.line = (lookUp.line || Promise.resolve()).then(async function () {
      const headers = JSON.parse(document.body.getAttribute("hx-headers") || "{}");
      const body = new URLSearchParams({ text: text });
      let found = null;
      try {
        const answer = await fetch(scanner.dataset.lookup, { method: "POST", headers, body });
        found = answer.ok ? await answer.json() : null;
      } catch {
        found = null;
      }
      if (!found) return say(said, "unknown", text);
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

  // Turning the page of a table keeps what was ticked: it moves to the list of picks and back.
  document.addEventListener("htmx:beforeSwap", function (event) {
    const refused = event.detail.xhr.status >= 400;
    if (refused) {
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

  // An ID number must never stand in an address: the search box refuses it before it is sent.
  document.addEventListener("submit", function (event) {
    const search = event.target.querySelector && event.target.querySelector("input[data-no-id]");
    if (search && /\d{15}|\d{17}[\dXx]/.test(search.value.replace(/\s/g, ""))) {
      event.preventDefault();
      search.setCustomValidity(search.dataset.noId);
      search.reportValidity();
      search.setCustomValidity("");
    }
  });

  // A download leaves the page as it is: its dialog has to be closed by hand.
  document.addEventListener("submit", function (event) {
    if (event.target.matches("[data-download]")) event.target.closest("dialog").close();
  });

  document.addEventListener("htmx:afterSwap", countPicked);
  document.addEventListener("DOMContentLoaded", countPicked);
  document.addEventListener("htmx:responseError", function () {
    const place = document.getElementById("alerts");
    if (place) {
      place.innerHTML = "";
      const alert = document.createElement("div");
      alert.className = "zc-refusal";
      alert.textContent = "系统没有完成这次操作，请刷新页面后重试。 The server did not complete this.";
      place.append(alert);
    }
  });
})();
