// A scanner station: scans queue up, are recorded one after the other, and none is lost.
(function () {
  "use strict";

  const RECENT = 20;
  const RETRY = [1000, 2000, 4000, 8000, 15000];
  let root, input, panel, live, waiting, key;
  let state, words, token, busy, timer, pending, muted, tries;
  let trouble = { why: "", login: false };

  function start() {
    root = document.getElementById("scan");
    if (!root || root.dataset.started) return;
    root.dataset.started = "yes";
    input = document.getElementById("scan-input");
    panel = document.getElementById("scan-panel");
    live = document.getElementById("scan-live");
    waiting = document.getElementById("scan-waiting");
    words = root.dataset;
    token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];
    key = "zc-scan:" + words.account + ":" + words.station;
    busy = false;
    tries = 0;
    pending = null;
    forgetOthers();
    state = load();
    muted = localStorage.getItem("zc-scan-mute") === "yes";
    showMute();
    JSON.parse(words.opened || "[]").forEach((register) => touch(register, true));
    drawRegisters();
    drawRecent();
    drawWaiting();
    input.focus();
    next();
  }

  // What one person scanned isn't shown to the next who logs in at this window.
  function forgetOthers() {
    Object.keys(sessionStorage)
      .filter((name) => name.startsWith("zc-scan:") && name.split(":")[1] !== words.account)
      .forEach((name) => sessionStorage.removeItem(name));
  }
  function load() {
    const empty = { queue: [], recent: [], registers: [], good: 0, bad: 0 };
    try {
      return Object.assign(empty, JSON.parse(sessionStorage.getItem(key) || "{}"));
    } catch {
      return empty;
    }
  }
  function keep() {
    sessionStorage.setItem(key, JSON.stringify(state));
  }

  // ---- the queue
  function take(text, checked) {
    // The next scan withdraws the question about the one before: Enter no longer answers it.
    if (!checked) dropQuestion();
    const agent = window.zcAgent && window.zcAgent.id;
    state.queue.push({ text: text, checked: Boolean(checked), agent: agent || "", at: Date.now() });
    keep();
    drawWaiting();
    next();
  }

  function dropQuestion() {
    if (!pending) return;
    pending = null;
    const before = state.recent.find((line) => line.outcome === "ask");
    if (before) before.outcome = "dropped";
    const check = panel.querySelector(".zc-scan-check");
    if (check) check.hidden = true;
    drawRecent();
  }

  async function next() {
    if (busy || !state.queue.length || timer) return;
    busy = true;
    const scan = state.queue[0];
    const answer = await record(scan);
    busy = false;
    if (!answer) {
      // Kept, and tried again: the server answers a scan that it had recorded as done before.
      scan.again = true;
      keep();
      timer = setTimeout(resume, RETRY[Math.min(tries, RETRY.length - 1)]);
      tries += 1;
      return;
    }
    tries = 0;
    trouble = { why: "", login: false };
    state.queue.shift();
    // Recorded since it was scanned, by me: it was this scan, whose first answer got lost.
    const since = (Date.now() - scan.at) / 1000 + 1;
    if (scan.again && answer.outcome === "again" && answer.mine && answer.age < since) {
      answer.outcome = "good";
    }
    show(answer, scan);
    keep();
    drawWaiting();
    next();
  }
  function resume() {
    clearTimeout(timer);
    timer = null;
    next();
  }
  window.addEventListener("online", () => timer && resume());

  async function record(scan) {
    const body = new URLSearchParams({ text: scan.text, agent: scan.agent });
    if (scan.checked) body.set("id_checked", "1");
    return post(words.url, body, () => stuck(words.offline), () => stuck(words.expired, true));
  }
  function stuck(why, login) {
    if (trouble.why !== why) live.textContent = why;
    trouble = { why: why, login: Boolean(login) };
    drawWaiting();
  }

  // The JSON answer of the server, or null when it couldn't be had; then the caller is told why.
  async function post(url, body, offline, expired) {
    for (let attempt = 0; attempt < 2; attempt += 1) {
      let answer;
      try {
        answer = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token }, body });
      } catch {
        offline();
        return null;
      }
      const isJson = (answer.headers.get("Content-Type") || "").includes("json");
      if (answer.ok && isJson) return answer.json();
      // Logged out, or logged in anew in another window: that changed the token of this page.
      if (answer.status >= 500) {
        offline();
        return null;
      }
      if (!(await freshToken())) {
        expired();
        return null;
      }
    }
    offline();
    return null;
  }
  async function freshToken() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (!answer.ok || new URL(answer.url).pathname !== location.pathname) return false;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      // Somebody else logged in at this computer: what I scanned isn't recorded in their name.
      const opened = page.getElementById("scan");
      if (!opened || opened.dataset.account !== words.account) return false;
      const headers = JSON.parse(page.body.getAttribute("hx-headers") || "{}");
      token = headers["X-CSRFToken"] || token;
      return true;
    } catch {
      return false;
    }
  }

  function drawWaiting() {
    const { why, login } = trouble;
    const more = state.queue.length;
    waiting.hidden = !more || (!why && more < 2 && !timer);
    waiting.classList.toggle("zc-scan-stuck", Boolean(why));
    const texts = state.queue.slice(0, 5).map((scan) => (scan.text.length > 40 ? "QR" : scan.text));
    waiting.querySelector("span").textContent =
      (why ? why + " " : "") + words.waiting + more + " (" + texts.join("、") + (more > 5 ? " …" : "") + ")";
    const link = waiting.querySelector("a");
    link.hidden = !login;
    link.href = words.login + "?next=" + encodeURIComponent(location.pathname);
  }
  window.addEventListener("beforeunload", function (event) {
    if (state && state.queue.length) event.preventDefault();
  });

  // ---- what the person sees and hears
  function part(name) {
    return panel.querySelector("[data-part=" + name + "]");
  }
  function show(answer, scan) {
    if (answer.outcome === "go") {
      keep();
      location.href = answer.url;
      return;
    }
    const asking = answer.outcome === "ask";
    pending = asking ? { text: scan.text } : null;
    const small = panel.classList.contains("zc-scan-small") ? " zc-scan-small" : "";
    panel.className = "zc-scan-panel zc-scan-" + answer.outcome + small;
    part("outcome").textContent = words["word" + capital(answer.outcome)] || "";
    part("title").textContent = answer.title;
    part("name").textContent = answer.name || "";
    part("code").textContent = codes(answer);
    part("detail").textContent = answer.detail || "";
    const check = panel.querySelector(".zc-scan-check");
    if (check) {
      check.hidden = !asking;
      check.querySelector("input").checked = false;
    }
    live.textContent = [part("outcome").textContent, answer.title, answer.name, answer.detail]
      .filter(Boolean)
      .join("，");
    sound(answer.outcome);
    remember(answer, scan);
    const progress = document.getElementById("scan-progress");
    if (progress && answer.tally) progress.textContent = answer.tally;
    if (words.refresh) refresh();
    if (answer.register) touch(answer.register);
    (answer.registers || []).forEach((register) => touch(register));
    drawRegisters();
  }
  // A page that shows more than the panel is brought up to date after a burst of scans.
  function refresh() {
    clearTimeout(refresh.timer);
    refresh.timer = setTimeout(async function () {
      if (state.queue.length || document.querySelector("dialog[open]")) return refresh();
      try {
        const answer = await fetch(location.href);
        if (!answer.ok || answer.redirected) return;
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        if (document.querySelector("dialog[open]")) return refresh();
        words.refresh.split(",").forEach(function (selector) {
          const old = document.querySelector(selector);
          const fresh = page.querySelector(selector);
          if (!old || !fresh) return;
          old.replaceWith(document.adoptNode(fresh));
          if (window.htmx) window.htmx.process(document.querySelector(selector));
        });
      } catch {
        // The next scan brings it up to date.
      }
    }, 500);
  }
  function capital(text) {
    return text.charAt(0).toUpperCase() + text.slice(1);
  }
  function codes(answer) {
    const parts = [];
    if (answer.number) parts.push(words.number + " " + answer.number);
    if (answer.serial) parts.push(words.serial + " " + answer.serial);
    if (answer.masked) parts.push(words.id + " " + answer.masked);
    if (answer.position) parts.push(words.position + " " + answer.position);
    return parts.join("　");
  }

  function remember(answer, scan) {
    if (answer.outcome === "good") state.good += 1;
    if (answer.outcome === "bad" || answer.outcome === "alarm") state.bad += 1;
    // The answer to a checked card takes the place of the question.
    if (scan.checked) {
      const asked = state.recent.findIndex((line) => line.outcome === "ask");
      if (asked >= 0) state.recent.splice(asked, 1);
    }
    state.recent.unshift({
      at: new Date().toTimeString().slice(0, 8),
      outcome: answer.outcome,
      number: answer.number || (scan.text.length > 40 ? "QR" : scan.text),
      name: answer.name || "",
      serial: answer.serial || "",
      title: answer.title,
    });
    state.recent.length = Math.min(state.recent.length, RECENT);
    drawRecent();
  }
  const TONES = { good: "good", again: "wait", bad: "bad", alarm: "bad", ask: "move", dropped: "wait" };
  function drawRecent() {
    const body = document.getElementById("scan-recent");
    if (!body) return;
    body.replaceChildren(
      ...state.recent.map(function (line) {
        const row = document.createElement("tr");
        const badge = document.createElement("span");
        badge.className = "zc-badge zc-" + TONES[line.outcome];
        badge.textContent = words["word" + capital(line.outcome)] || "";
        [line.at, badge, line.number, line.name, line.serial, line.title].forEach(function (value) {
          const cell = document.createElement("td");
          cell.append(value);
          row.append(cell);
        });
        return row;
      })
    );
    const tally = document.getElementById("scan-tally");
    tally.textContent = words.wordGood + " " + state.good + " · " + words.wordBad + " " + state.bad;
  }

  // ---- registers of this session, with what is still missing
  const opened = new Set();
  function touch(register, open) {
    state.registers = state.registers.filter((item) => item.id !== register.id);
    state.registers.unshift(register);
    if (open) opened.add(register.id);
    keep();
  }
  function drawRegisters() {
    const list = document.getElementById("scan-registers");
    if (!list) return;
    document.getElementById("scan-no-registers").hidden = state.registers.length > 0;
    const known = new Map(Array.from(list.children).map((item) => [Number(item.dataset.id), item]));
    state.registers.forEach(function (register, place) {
      let item = known.get(register.id);
      if (!item) item = newRegister(register);
      item.querySelector("[data-count]").textContent = register.done + " / " + register.total;
      const bar = item.querySelector("progress");
      bar.max = register.total;
      bar.value = register.done;
      if (list.children[place] !== item) list.insertBefore(item, list.children[place] || null);
      if (item.querySelector("details").open) fill(item, register);
    });
  }
  function newRegister(register) {
    const item = document.createElement("li");
    item.dataset.id = register.id;
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    const name = document.createElement("b");
    name.textContent = register.number;
    const count = document.createElement("span");
    count.dataset.count = "";
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", register.number);
    summary.append(name, count, bar);
    const box = document.createElement("div");
    box.className = "zc-scan-missing-box";
    box.tabIndex = 0;
    details.append(summary, box);
    details.open = opened.has(register.id);
    details.addEventListener("toggle", () => details.open && fill(item, register));
    item.append(details);
    return item;
  }
  // Once after the last scan of a burst, not once for each.
  function fill(item, register) {
    clearTimeout(item.timer);
    const box = item.querySelector(".zc-scan-missing-box");
    if (!box.firstChild) box.textContent = words.loading;
    item.timer = setTimeout(async function () {
      try {
        const answer = await fetch(register.url);
        if (answer.ok && !answer.redirected) box.innerHTML = await answer.text();
      } catch {
        // The next scan fetches it.
      }
    }, 400);
  }

  // ---- sounds: each outcome has its own, and every one of them is also said in words
  const SOUNDS = {
    good: [[1320, 0, 0.09, "sine"]],
    again: [[740, 0, 0.08, "triangle"], [740, 0.14, 0.08, "triangle"]],
    bad: [[196, 0, 0.38, "sawtooth"]],
    alarm: [[880, 0, 0.16, "square"], [440, 0.18, 0.16, "square"], [880, 0.36, 0.16, "square"], [440, 0.54, 0.2, "square"]],
    ask: [[660, 0, 0.1, "sine"], [990, 0.12, 0.1, "sine"]],
  };
  function sound(outcome) {
    const Context = window.AudioContext || window.webkitAudioContext;
    if (muted || !Context || !SOUNDS[outcome]) return;
    const context = sound.context || (sound.context = new Context());
    SOUNDS[outcome].forEach(function (tone) {
      const [pitch, after, length, shape] = tone;
      const source = context.createOscillator();
      const volume = context.createGain();
      source.type = shape;
      source.frequency.value = pitch;
      volume.gain.value = 0.07;
      source.connect(volume).connect(context.destination);
      source.start(context.currentTime + after);
      source.stop(context.currentTime + after + length);
    });
    root.dataset.played = outcome;
  }
  function showMute() {
    const button = document.getElementById("scan-mute");
    button.textContent = muted ? words.mute : words.loud;
    button.setAttribute("aria-pressed", String(muted));
  }

  // ---- the keyboard
  document.addEventListener("keydown", function (event) {
    if (!root || event.target !== input || event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    const text = input.value.trim();
    input.value = "";
    if (text) take(text);
    else if (pending) confirmCard();
  });
  function confirmCard() {
    const text = pending.text;
    pending = null;
    const check = document.getElementById("scan-checked");
    if (check) check.checked = true;
    take(text, true);
  }
  document.addEventListener("change", function (event) {
    if (event.target.id === "scan-checked" && event.target.checked && pending) confirmCard();
    if (event.target.id === "scan-checked") input.focus();
  });
  // Whatever is typed while nothing else is being typed belongs to the scanner's box.
  document.addEventListener("keydown", function (event) {
    if (!root || event.key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey) return;
    if (document.querySelector("dialog[open]") || event.target === input) return;
    const typing = event.target.closest("input:not([type=checkbox]), textarea, select");
    const pressing = event.key === " " && event.target.closest("button, a, summary, input");
    if (!typing && !pressing) input.focus();
  });
  document.addEventListener("click", function (event) {
    if (!root) return;
    if (event.target.id === "scan-mute") {
      muted = !muted;
      localStorage.setItem("zc-scan-mute", muted ? "yes" : "no");
      showMute();
    }
    const elsewhere = event.target.closest("a, summary, dialog, input, select, textarea, label");
    if (!elsewhere && !document.querySelector("dialog[open]")) input.focus();
  });
  window.addEventListener("focus", function () {
    if (root && !document.querySelector("dialog[open]")) input.focus();
  });

  window.zcStation = {
    post: post,
    show: (answer) => show(answer, { text: "", checked: false }),
    focus: () => input.focus(),
    words: () => words,
  };
  document.addEventListener("DOMContentLoaded", start);
  document.addEventListener("htmx:afterSettle", start);
})();
