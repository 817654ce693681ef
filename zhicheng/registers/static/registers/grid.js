// The register as a grid: arrow keys move, Enter or a click opens a cell, N and P go to the next
// and previous fault, A takes over the approval document's value. The server checks and answers
// with the row; nothing is decided here.
(function () {
  "use strict";

  const sheet = document.getElementById("sheet");
  if (!sheet) return;

  const view = document.getElementById("sheet-view");
  const bar = document.getElementById("sheet-bar");
  const words = sheet.dataset;
  const editable = words.editable === "true";
  let current = null; // {row, key} of the chosen cell; survives the exchange of its row
  let editor = null; // {cell, field, before} while a cell is open
  let saving = Promise.resolve(); // one save after the other: each needs the row's newest version

  const table = () => document.getElementById("sheet-table");
  const cellAt = (row, key) => document.getElementById("c-" + row + "-" + key);
  const cells = () => Array.from(sheet.querySelectorAll("td.cell"));

  // -- choosing a cell ------------------------------------------------------------------------

  function choose(cell, options) {
    if (!cell) return;
    sheet.querySelectorAll("td.cell[tabindex='0']").forEach((other) => {
      other.tabIndex = -1;
      other.classList.remove("is-chosen");
      other.removeAttribute("aria-selected");
    });
    cell.tabIndex = 0;
    cell.classList.add("is-chosen");
    cell.setAttribute("aria-selected", "true");
    current = { row: cell.closest("tr").dataset.row, key: cell.dataset.key };
    if (!options || options.focus !== false) {
      cell.focus({ preventScroll: true });
      cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    tell(cell);
  }

  // The bar over the grid, like the one of Excel: where, what, and what is wrong with it.
  function tell(cell) {
    const row = cell.closest("tr");
    bar.querySelector("[data-bar='place']").textContent = words.place
      .replace("{row}", row.dataset.position)
      .replace("{column}", cell.dataset.title);
    bar.querySelector("[data-bar='text']").textContent = cell.dataset.text || "";
    const said = bar.querySelector("[data-bar='findings']");
    said.replaceChildren();
    const findings = cell.querySelector(".cell-findings");
    if (findings) {
      Array.from(findings.children).forEach((finding) => {
        const copy = finding.cloneNode(true);
        said.appendChild(copy);
      });
      if (window.htmx) window.htmx.process(said);
    }
    bar.classList.toggle("has-findings", Boolean(findings));
    const correct = bar.querySelector("[data-do='correct']");
    if (correct) correct.disabled = false;
    const remove = bar.querySelector("[data-do='remove']");
    if (remove) remove.disabled = false;
    const show = bar.querySelector(".bar-reveal");
    if (show) show.hidden = cell.dataset.key !== "id_number" || !cell.dataset.text;
  }

  // The first fault, so that what to do stands in the bar; the page keeps its focus.
  function chooseFirst() {
    current = null;
    const fault = sheet.querySelector("td.cell[data-fault]") || sheet.querySelector("td.cell");
    if (fault) choose(fault, { focus: false });
  }

  function move(cell, down, right) {
    const row = cell.closest("tr");
    if (right) {
      const next = right > 0 ? cell.nextElementSibling : cell.previousElementSibling;
      if (next && next.matches("td.cell")) return choose(next);
      return undefined;
    }
    const rows = Array.from(row.parentElement.querySelectorAll("tr[data-row]"));
    const target = rows[Math.min(rows.length - 1, Math.max(0, rows.indexOf(row) + down))];
    return choose(cellAt(target.dataset.row, cell.dataset.key));
  }

  // -- correcting in place --------------------------------------------------------------------

  function open(cell, typed) {
    if (!editable || editor) return;
    choose(cell, { focus: false });
    if (cell.dataset.key === "id_number" && cell.dataset.text && typed === undefined) {
      wholeNumber(cell, "correct").then((number) => edit(cell, number, true), complainOfNumber);
      return;
    }
    edit(cell, typed === undefined ? cell.dataset.text || "" : typed, typed === undefined);
  }

  // The whole ID number comes from the server, which writes down who looked at it and why.
  function wholeNumber(cell, purpose) {
    const row = cell.closest("tr");
    const body = new FormData(view);
    body.append("purpose", purpose);
    return fetch(words.revealUrl.replace("/0/", "/" + row.dataset.row + "/"), {
      method: "POST",
      body: body,
      credentials: "same-origin",
    })
      .then((response) => {
        if (!response.ok) throw new Error(String(response.status));
        return response.json();
      })
      .then((answer) => answer.id_number);
  }

  function complainOfNumber() {
    complain(words.revealFailed);
  }

  function edit(cell, text, whole) {
    const template = document.getElementById("editor-" + cell.dataset.key);
    const field = template.content.firstElementChild.cloneNode(true);
    field.setAttribute(
      "aria-label",
      words.place
        .replace("{row}", cell.closest("tr").dataset.position)
        .replace("{column}", cell.dataset.title),
    );
    if (field.tagName === "SELECT" && !Array.from(field.options).some((o) => o.value === text)) {
      field.add(new Option(text, text, true, true), 0);
    }
    field.value = text;
    cell.insertBefore(field, cell.querySelector(".cell-text"));
    cell.classList.add("is-open");
    editor = { cell: cell, field: field, before: whole ? text : null };
    field.focus();
    if (whole && field.select) field.select();
    field.addEventListener("keydown", onEditorKey);
    field.addEventListener("blur", () => close(true));
  }

  function onEditorKey(event) {
    if (event.isComposing) return; // Enter that ends a word of the Chinese input method
    const cell = editor && editor.cell;
    if (!cell) return;
    if (event.key === "Enter") {
      event.preventDefault();
      close(true);
      move(cell, event.shiftKey ? -1 : 1, 0);
    } else if (event.key === "Tab") {
      event.preventDefault();
      close(true);
      move(cell, 0, event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close(false);
      choose(cell);
    }
    event.stopPropagation();
  }

  function close(keep) {
    if (!editor) return;
    const { cell, field, before } = editor;
    editor = null;
    const value = field.value;
    field.remove();
    cell.classList.remove("is-open");
    if (!keep || value === before) return;
    if (cell.dataset.key !== "id_number") cell.querySelector(".cell-text").textContent = value;
    cell.classList.add("is-saving");
    save(cell.closest("tr").dataset.row, cell.dataset.key, value);
  }

  function save(rowId, key, value) {
    saving = saving.then(() => {
      const row = document.getElementById("row-" + rowId);
      if (!row) return undefined;
      return window.htmx.ajax("POST", words.correctUrl.replace("/0/", "/" + rowId + "/"), {
        source: row,
        target: row,
        swap: "outerHTML",
        values: Object.assign(fromView(), {
          column: key,
          value: value,
          version: row.dataset.version,
        }),
      });
    });
    saving = saving.catch(() => undefined);
  }

  function fromView() {
    const values = {};
    new FormData(view).forEach((value, name) => {
      values[name] = value;
    });
    return values;
  }

  // A refused or lost save shows what is stored; what was typed stands in the bar.
  sheet.addEventListener("htmx:afterRequest", (event) => {
    const row = event.detail.elt.closest ? event.detail.elt.closest("tr[data-row]") : null;
    const status = event.detail.xhr ? event.detail.xhr.status : 0;
    if (!row || (status >= 200 && status < 400)) return;
    row.querySelectorAll(".is-saving").forEach((cell) => {
      cell.classList.remove("is-saving");
      cell.querySelector(".cell-text").textContent = cell.dataset.text || "";
    });
    if (!status) complain(words.offline);
  });

  function complain(text) {
    const line = document.createElement("p");
    line.textContent = text;
    said().replaceChildren(line);
  }

  function quiet() {
    said().replaceChildren();
  }

  function said() {
    return document.getElementById("sheet-said");
  }

  // -- from fault to fault --------------------------------------------------------------------

  function fault(step) {
    quiet();
    const all = cells().filter((cell) => cell.hasAttribute("data-fault"));
    const here = current && cellAt(current.row, current.key);
    let next;
    if (!here) {
      next = step > 0 ? all[0] : all[all.length - 1];
    } else {
      const after = (cell) =>
        Boolean(here.compareDocumentPosition(cell) & Node.DOCUMENT_POSITION_FOLLOWING);
      const ahead = all.filter((cell) => cell !== here && after(cell) === step > 0);
      next = step > 0 ? ahead[0] : ahead[ahead.length - 1];
    }
    if (next) {
      choose(next);
      return;
    }
    const rows = sheet.querySelectorAll("tr[data-row]");
    if (!rows.length) return;
    const edge = step > 0 ? rows[rows.length - 1] : rows[0];
    window.htmx.ajax("POST", words.rowsUrl, {
      source: sheet,
      target: "#sheet-grid",
      swap: "outerHTML",
      values: Object.assign(fromView(), {
        go: step > 0 ? "next" : "previous",
        position: edge.dataset.position,
      }),
    });
  }

  // -- taking a row off ------------------------------------------------------------------------

  function askRemoval(cell) {
    const dialog = document.getElementById("remove-dialog");
    const row = cell.closest("tr");
    dialog.querySelector("[data-remove='what']").textContent = words.removal
      .replace("{row}", row.dataset.position)
      .replace("{name}", cellAt(row.dataset.row, "name").dataset.text);
    dialog.dataset.row = row.dataset.row;
    dialog.showModal();
  }

  const removal = document.getElementById("remove-dialog");
  if (removal) {
    removal.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      removal.close();
      const row = document.getElementById("row-" + removal.dataset.row);
      window.htmx.ajax("POST", words.removeUrl.replace("/0/", "/" + row.dataset.row + "/"), {
        source: sheet,
        target: "#sheet-grid",
        swap: "outerHTML",
        values: Object.assign(fromView(), { version: row.dataset.version }),
      });
    });
  }

  // -- events ---------------------------------------------------------------------------------

  sheet.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (button) {
      const here = current && cellAt(current.row, current.key);
      const kind = button.dataset.do;
      if (kind === "next") fault(1);
      else if (kind === "previous") fault(-1);
      else if (kind === "correct" && here) open(here);
      else if (kind === "remove" && here) askRemoval(here);
      else if (kind === "show" && here) {
        wholeNumber(here, document.getElementById("reveal-purpose").value).then((number) => {
          bar.querySelector("[data-bar='text']").textContent = number;
        }, complainOfNumber);
      }
      return;
    }
    const cell = event.target.closest("td.cell");
    if (!cell || event.target.closest("input, select, button, a")) return;
    const selected = String(window.getSelection());
    if (editable && !selected) open(cell);
    else choose(cell);
  });

  sheet.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const cell = event.target.closest("td.cell");
    if (!cell || event.target !== cell) return;
    const moves = {
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      PageDown: [15, 0],
      PageUp: [-15, 0],
    };
    if (moves[event.key]) {
      event.preventDefault();
      move(cell, moves[event.key][0], moves[event.key][1]);
    } else if (event.key === "Home" || event.key === "End") {
      event.preventDefault();
      const all = cell.closest("tr").querySelectorAll("td.cell");
      choose(event.key === "Home" ? all[0] : all[all.length - 1]);
    } else if (event.key === "Enter" || event.key === "F2") {
      event.preventDefault();
      open(cell);
    } else if (event.key === "n" || event.key === "N") {
      event.preventDefault();
      fault(1);
    } else if (event.key === "p" || event.key === "P") {
      event.preventDefault();
      fault(-1);
    } else if (event.key === "a" || event.key === "A") {
      const accept = bar.querySelector("[data-accept]");
      if (accept) {
        event.preventDefault();
        accept.click();
      }
    }
  });

  // N and P work from anywhere on the page where nobody is typing.
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, select, textarea, [contenteditable], td.cell")) return;
    if (event.key === "n") fault(1);
    else if (event.key === "p") fault(-1);
  });

  // A menu closes when somebody goes elsewhere.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      const inside = menu.contains(event.target);
      if (!inside || event.target.closest("button")) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // Beyond the last fault there is none: the server has nothing to send.
  document.body.addEventListener("sheet:end", () => complain(words.noMore));

  // A row or the whole page of rows was exchanged: the same cell is chosen again.
  document.body.addEventListener("htmx:afterSettle", () => {
    const wanted = table() && table().dataset.focus;
    if (wanted) {
      delete table().dataset.focus;
      choose(document.getElementById(wanted));
      return;
    }
    if (editor || !current) return;
    const cell = cellAt(current.row, current.key);
    if (!cell) {
      chooseFirst();
      return;
    }
    if (cell.classList.contains("is-chosen")) return;
    const lost = !document.activeElement || document.activeElement === document.body;
    choose(cell, { focus: lost || bar.contains(document.activeElement) });
  });

  const asked = table() && table().dataset.focus;
  if (asked) {
    delete table().dataset.focus;
    choose(document.getElementById(asked));
  } else {
    chooseFirst();
  }
})();
