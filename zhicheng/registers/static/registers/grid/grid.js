// Starts the register's grid and joins its parts: store, sheet, field, clipboard, saver, undo.
(function (zc) {
  "use strict";

  const root = document.getElementById("sheet");
  if (!root) return;
  const words = JSON.parse(document.getElementById("grid-words").textContent);
  const urls = { ...root.dataset };
  const store = new zc.Store(root.dataset.editable === "true", Number(root.dataset.account));
  const sheet = new zc.Sheet(store, root, words);
  const saver = new zc.Saver(store, urls, words);
  const grid = { store, sheet, saver, words, urls, account: store.account };

  const does = {
    say: (text, tone) => grid.tools.say(text, tone),
    save: (how, cells) => grid.undo.save(how, cells),
    changed: () => buttons(),
    reload: () => load(),
    show: (cells) => {
      const first = cells[0] && store.view.indexOf(cells[0].row);
      if (first >= 0) sheet.choose(first, cells[0].column);
    },
    clear: () => {
      if (!store.editable) return;
      const { left, right } = sheet.range();
      const cells = [];
      sheet.rowsChosen().forEach((row) => {
        for (let column = left; column <= right; column += 1) {
          if (store.text(row, column)) cells.push({ row, column, to: "", text: "" });
        }
      });
      if (cells.length) grid.undo.save("clear", cells);
    },
    fault: (step) => grid.tools.fault(step),
    accept: () => grid.tools.acceptChosen(),
    fill: () => grid.clipboard.fill(),
    undo: () => grid.undo.undo(),
    redo: () => grid.undo.redo(),
    help: () => grid.dialogs.help(),
    find: () => document.getElementById("sheet-find").select(),
    hurry: () => saver.hurry(),
    ask: (over, there, may) => grid.dialogs.pasteBeyond(over, there, may).then((answer) => (grid.editor.focus(), answer)),
    leave: (back) => {
      const way = back ? document.getElementById("sheet-find") : root.querySelector(".bar-findings button, .sheet-foot button");
      way.focus();
    },
    opened: () => root.classList.add("is-editing"),
    closed: () => root.classList.remove("is-editing"),
  };
  grid.editor = new zc.Editor(sheet, store, words, does);
  grid.undo = new zc.Undo(saver, store, words, does);
  grid.clipboard = new zc.Clipboard(sheet, store, grid.editor, words, does);
  grid.editor.handle = new zc.Handle(grid.editor, grid.clipboard);
  grid.reload = load;
  grid.tools = new zc.Tools(grid);
  grid.say = does.say;
  grid.conflicts = grid.tools.grid.conflicts = new zc.Conflicts(grid);
  grid.dialogs = new zc.Dialogs(grid);
  zc.grid = grid;

  function buttons() {
    const states = { undo: grid.undo.past.length, redo: grid.undo.future.length };
    Object.entries(states).forEach(([name, count]) => {
      const button = root.querySelector(`[data-do='${name}']`);
      if (button) button.disabled = !count;
    });
  }

  async function load() {
    let told;
    try {
      const answer = await fetch(urls.grid, { credentials: "same-origin" });
      if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
      told = await answer.json();
    } catch {
      grid.say(words.notLoaded, "bad");
      return;
    }
    if (told.token) saver.token = told.token;
    const first = !store.version;
    const lost = store.load(told);
    if (first) begin();
    else sheet.relook();
    if (lost.length) grid.say(zc.fill(words.rowsGone, { count: lost.length }), "bad");
    saver.tell();
  }

  saver.addEventListener("reload", load);

  function begin() {
    sheet.measure();
    root.classList.add("is-loaded");
    sheet.grid.removeAttribute("aria-busy");
    grid.tools.count();
    grid.live = new zc.Live(grid);
    const asked = root.dataset.focusRow ? store.byId.get(Number(root.dataset.focusRow)) : null;
    if (asked) {
      const column = store.columns.findIndex(({ key }) => key === root.dataset.focusColumn);
      sheet.choose(store.view.indexOf(asked), column);
      grid.editor.focus();
    } else {
      sheet.choose(0, 0);
      if (store.counts().error) grid.tools.fault(1);
      grid.editor.focus();
    }
    sheet.settled = true;
    performance.mark("grid-usable");
  }

  // -- buttons, headers, beyond the grid's own keys ------------------------------------------------

  root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-do]");
    if (!button) return;
    const work = {
      next: () => does.fault(1),
      previous: () => does.fault(-1),
      undo: does.undo,
      redo: does.redo,
      fill: does.fill,
      add: () => {
        grid.tools.only({ severity: "", code: "", text: "" });
        document.getElementById("sheet-find").value = "";
        sheet.choose(store.view.length - 1, 0);
      },
      remove: () => grid.dialogs.remove(),
      help: does.help,
      retry: does.hurry,
      conflicts: () => grid.conflicts.show(),
      refused: () => grid.dialogs.refused(),
      fill_window: () => fillWindow(button),
      show: () => reveal(),
    }[button.dataset.do];
    work();
    if (button.dataset.do !== "help" && !document.querySelector("dialog[open]")) grid.editor.focus();
  });

  // The sheet alone, over the whole window: on a small screen twice as many rows.
  function fillWindow(button) {
    sheet.filling = root.classList.toggle("is-filling");
    button.setAttribute("aria-pressed", String(sheet.filling));
    document.documentElement.classList.toggle("grid-fills", sheet.filling);
    sheet.refit();
    sheet.show(sheet.at);
  }

  async function reveal() {
    const { row } = grid.editor.cell;
    const purpose = document.getElementById("reveal-purpose");
    const body = new URLSearchParams({ purpose: purpose ? purpose.value : "correct" });
    const told = await saver.ask(urls.reveal.replace("/0/", `/${row.id}/`), body, true);
    if (told.refusal) grid.dialogs.tellRefusal(told.refusal);
    else if (told.failed) grid.say(words.revealFailed, "bad");
    else {
      grid.editor.revealed.set(row.id, { number: told.id_number, version: row.version });
      grid.tools.bar();
    }
  }

  // A header sorts for viewing; the register's own order stays and comes back with the third click.
  sheet.head.addEventListener("click", (event) => {
    const button = event.target.closest("[data-sort]");
    if (!button) return;
    const column = Number(button.dataset.sort);
    const { sort } = store;
    if (column < 0 || (sort.column === column && sort.step < 0)) store.sort = { column: -1, step: 1 };
    else store.sort = { column, step: sort.column === column ? -1 : 1 };
    sheet.head.querySelectorAll("[role=columnheader]").forEach((head, place) => {
      const on = store.sort.column === place - 1 && store.sorted;
      head.setAttribute("aria-sort", on ? (store.sort.step > 0 ? "ascending" : "descending") : "none");
    });
    store.look();
    grid.editor.focus();
  });

  sheet.head.addEventListener("mousedown", (event) => {
    if (!event.target.matches(".g-edge")) return;
    event.preventDefault();
    const column = Number(event.target.dataset.edge);
    const from = event.clientX;
    const width = sheet.widths[column];
    const move = (at) => sheet.widen(column, width + at.clientX - from);
    window.addEventListener("mousemove", move);
    window.addEventListener("mouseup", () => window.removeEventListener("mousemove", move), { once: true });
  });
  sheet.head.addEventListener("dblclick", (event) => {
    if (event.target.matches(".g-edge")) sheet.fit(Number(event.target.dataset.edge));
  });

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    if (event.key === "?" || event.key === "F1") does.help();
    else if (event.key === "F8") does.fault(event.shiftKey ? -1 : 1);
    else return;
    event.preventDefault();
  });

  // A menu closes when somebody goes elsewhere.
  document.addEventListener("click", (event) => {
    document.querySelectorAll("details.menu[open]").forEach((menu) => {
      if (!menu.contains(event.target) || event.target.closest("button")) menu.open = false;
    });
  });
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  load();
})((window.zcGrid = window.zcGrid || {}));
