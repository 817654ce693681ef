// The page that checks a certificate's QR code: on the device, also offline; the state by network.
(() => {
  "use strict";
  const root = document.getElementById("verify");
  const urls = root.dataset;
  const $ = (name) => root.querySelector(`[data-part="${name}"]`);
  const words = (name) => root.querySelector(`[data-say="${name}"]`).textContent;
  let material = null;

  // ---- the keys and the list of words ------------------------------------------------------------
  async function load() {
    const [keys, list] = await Promise.all([fetch(urls.keys, { cache: "no-cache" }), fetch(urls.words)]);
    if (!keys.ok || !list.ok) throw new Error("keys");
    const published = await keys.json();
    material = { keys: published.keys, words: (await list.text()).trimEnd().split("\n"), fallback: () => import(urls.ed25519) };
    const got = new Date(keys.headers.get("Date") ?? NaN);
    const day = Number.isNaN(got.valueOf()) ? "—" : got.toLocaleString("sv-SE").slice(0, 16);
    $("keys").textContent = words("keys-of").replace("{day}", day).replace("{count}", published.keys.length);
    return material;
  }

  // ---- one check -------------------------------------------------------------------------------
  async function check(text) {
    const given = text.trim();
    if (!given) return fail("empty");
    say("checking");
    let found;
    try {
      found = await ZcCredential.verify(given, material ?? (await load()));
    } catch { return fail("no-keys"); }
    show(found);
    if (found.valid) await ask(found.digits);
    return undefined;
  }

  function show(found) {
    const result = $("result");
    result.hidden = false;
    result.dataset.verdict = found.valid ? "valid" : "refused";
    $("verdict").textContent = words(found.valid ? "valid" : "refused");
    $("verdict").className = found.valid ? "pub-valid" : "pub-bad";
    const why = found.reason ?? (found.caution ? "caution" : "valid-means");
    $("why").textContent = words(why);
    const facts = $("claims");
    facts.replaceChildren();
    for (const [name, value] of Object.entries(found.claims ?? {}).sort(([one], [two]) => place(one) - place(two))) {
      const term = document.createElement("dt"), fact = document.createElement("dd");
      term.textContent = words(`label-${name}`);
      fact.textContent = value;
      if (name === "name") fact.className = "pub-name";
      facts.append(term, fact);
    }
    $("standing").hidden = !found.valid;
    say("");
    $("heading").focus();
  }

  const place = (name) => [...root.querySelectorAll('[data-say^="label-"]')].findIndex((each) => each.dataset.say === `label-${name}`);

  // ---- whether it is still in force ----------------------------------------------------------------
  async function ask(digits) {
    const standing = $("standing");
    const tell = (state, name) => { standing.dataset.state = state; $("state").textContent = words(name); };
    tell("asking", "asking");
    try {
      const answer = await fetch(urls.status, { method: "POST", body: new URLSearchParams({ credential: digits }) });
      if (answer.status === 429) return tell("none", "too-often");
      if (!answer.ok) throw new Error(String(answer.status));
      const { status } = await answer.json();
      return tell(status, `state-${status}`);
    } catch { return tell("none", "offline"); }
  }

  // ---- what people do ----------------------------------------------------------------------------
  function say(name) { $("live").textContent = name ? words(name) : ""; }

  function fail(name) {
    $("result").hidden = true;
    say(name);
  }

  function stopCamera() {
    ZcScan.stop($("video"));
    $("camera").hidden = true;
    $("open-camera").hidden = false;
  }

  $("open-camera").addEventListener("click", async () => {
    if (!navigator.mediaDevices) return fail("no-camera");
    $("camera").hidden = false;
    $("open-camera").hidden = true;
    say("aim");
    $("close-camera").focus();
    try {
      const text = await ZcScan.camera($("video"), urls);
      if (text) { stopCamera(); await check(text); }
    } catch (error) {
      stopCamera();
      fail(error.message === "decoder" ? "no-decoder" : "no-camera");
      $("open-camera").focus();
    }
    return undefined;
  });

  $("close-camera").addEventListener("click", () => { stopCamera(); say(""); $("open-camera").focus(); });

  $("photo").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    say("reading");
    try {
      const texts = await ZcScan.photo(file, urls);
      if (texts.length) await check(texts.find((text) => /#\d{17}/.test(text)) ?? texts[0]);
      else fail("no-code");
    } catch (error) { fail(error.message === "decoder" ? "no-decoder" : "no-picture"); }
  });

  $("form").addEventListener("submit", (event) => { event.preventDefault(); check($("text").value); });
  // A scanner that types ends with Enter.
  $("text").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); check(event.target.value); }
  });

  // ---- offline -----------------------------------------------------------------------------------
  async function offlineReady() {
    const names = [urls.decoder, urls.wasm];
    const there = await Promise.all(names.map((name) => caches.match(name)));
    $("offline").textContent = words(there.every(Boolean) ? "offline-all" : "offline-text");
    $("keep").hidden = there.every(Boolean);
  }

  $("keep").addEventListener("click", async () => {
    say("keeping");
    try {
      await Promise.all([urls.decoder, urls.wasm, urls.ed25519].map(async (name) => { if (!(await fetch(name)).ok) throw new Error(name); }));
      say("kept");
    } catch { say("no-decoder"); }
    await offlineReady();
  });

  async function work() {
    if (!("serviceWorker" in navigator)) return;
    try {
      await navigator.serviceWorker.register(urls.worker, { scope: urls.scope });
      await navigator.serviceWorker.ready;
      await offlineReady();
    } catch { /* private windows have none: the page works online */ }
  }

  // What stands behind # is on this device alone: checked, then taken out of the address.
  function checkAddress() {
    if (location.hash.length < 2) return;
    const text = location.href;
    history.replaceState(null, "", location.pathname);
    check(text);
  }

  addEventListener("hashchange", checkAddress);
  work();
  load().catch(() => { $("keys").textContent = words("no-keys"); }).then(checkAddress);
})();
