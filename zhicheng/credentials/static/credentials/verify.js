// Whether a QR code's text is a certificate's credential: the same rules as credentials/rules.py,
// in the browser and without a network. No page, no storage: only `ZcCredential.verify`.
const ZcCredential = (() => {
  "use strict";
  const MAX_TEXT = 4000, MAX_BYTES = 1000, MAX_DEPTH = 4, MAX_ITEMS = 32;
  const GROUP_BYTES = 7, GROUP_DIGITS = 17, VERSION = 1;
  const DIGITS = { 1: 3, 2: 5, 3: 8, 4: 10, 5: 13, 6: 15, 7: 17 };
  const BYTES = Object.fromEntries(Object.entries(DIGITS).map(([size, digits]) => [digits, Number(size)]));
  const FIRST = 0x4e00, CHARACTERS = 20992;
  const TEXTS = { 1: "number", 2: "name", 3: "id_number_masked", 4: "qualification", 5: "specialty", 7: "document_number", 8: "issuer" };
  const APPROVAL_DATE = 6, MADE_ON = 9, ISSUED_ON = 10, BLANK_SERIAL = 11;
  const EARLIEST = -719162, LATEST = 2932896; // the years 1 to 9999

  class Refused extends Error {
    constructor(reason) { super(reason); this.reason = reason; }
  }
  const refuse = (reason) => { throw new Refused(reason); };

  // ---- digits ----------------------------------------------------------------------------------
  function fromDigits(text) {
    if (!/^[0-9]+$/.test(text)) throw new RangeError("damaged");
    const bytes = [];
    for (let at = 0; at < text.length; at += GROUP_DIGITS) {
      const group = text.slice(at, at + GROUP_DIGITS);
      const size = BYTES[group.length];
      if (size === undefined) throw new RangeError("truncated");
      let value = BigInt(group);
      if (value >= 1n << BigInt(8 * size)) throw new RangeError(size < GROUP_BYTES ? "truncated" : "damaged");
      const part = new Array(size);
      for (let place = size - 1; place >= 0; place--) { part[place] = Number(value & 255n); value >>= 8n; }
      bytes.push(...part);
    }
    return Uint8Array.from(bytes);
  }

  const begins = (bytes) => bytes.length >= 2 && bytes[0] === 0xd2 && bytes[1] === 0x84;

  function digitsOf(text) {
    const behind = text.slice(text.lastIndexOf("#") + 1);
    return behind.replace(/\s+/g, "").replace(/[０-９]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xff10 + 0x30));
  }

  function bytesOf(text) {
    if ([...text].length > MAX_TEXT) refuse("not_a_credential");
    const digits = digitsOf(text);
    let bytes;
    try {
      bytes = fromDigits(digits);
    } catch (error) {
      let known = false;
      try { known = begins(fromDigits(digits.slice(0, GROUP_DIGITS))); } catch { /* nothing of ours */ }
      refuse(known ? error.message : "not_a_credential");
    }
    return begins(bytes) ? bytes : refuse("not_a_credential");
  }

  // ---- CBOR: the one deterministic form of what a credential uses --------------------------------
  class Reader {
    constructor(bytes) { this.bytes = bytes; this.at = 0; }
    end() { if (this.at !== this.bytes.length) refuse("damaged"); }
    take(size) {
      if (this.at + size > this.bytes.length) refuse("truncated");
      this.at += size;
      return this.bytes.subarray(this.at - size, this.at);
    }
    head() {
      const first = this.take(1)[0];
      const major = first >> 5;
      let value = first & 31;
      if (value < 24) return [major, value];
      if (value > 27) refuse("damaged");
      const size = 1 << (value - 24);
      let number = 0n;
      for (const byte of this.take(size)) number = (number << 8n) | BigInt(byte);
      if (number < (size === 1 ? 24n : 1n << BigInt(4 * size))) refuse("damaged");
      // Larger ones than a double holds are never lengths or labels of ours.
      value = Number(number);
      return [major, value];
    }
    value(depth = 0) {
      if (depth > MAX_DEPTH) refuse("damaged");
      const [major, number] = this.head();
      switch (major) {
        case 0: return number;
        case 1: return -1 - number;
        case 2: return this.take(number);
        case 3: return this.text(number);
        case 4: return Array.from({ length: counted(number) }, () => this.value(depth + 1));
        case 5: return this.map(counted(number), depth);
        case 7: if (number >= 20 && number <= 22) return { 20: false, 21: true, 22: null }[number];
      }
      return refuse("damaged");
    }
    text(size) {
      const bytes = this.take(size);
      try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
      } catch { return refuse("damaged"); }
    }
    map(size, depth) {
      const found = new Map();
      let before = new Uint8Array();
      for (let count = 0; count < size; count++) {
        const start = this.at;
        const key = this.value(depth + 1);
        const written = this.bytes.subarray(start, this.at);
        if (!["number", "string"].includes(typeof key) || !follows(written, before)) refuse("damaged");
        before = written;
        found.set(key, this.value(depth + 1));
      }
      return found;
    }
  }

  const counted = (size) => (size > MAX_ITEMS ? refuse("damaged") : size);

  function follows(bytes, before) {
    for (let at = 0; at < Math.min(bytes.length, before.length); at++) {
      if (bytes[at] !== before[at]) return bytes[at] > before[at];
    }
    return bytes.length > before.length;
  }

  function decode(bytes) {
    const reader = new Reader(bytes);
    const value = reader.value();
    reader.end();
    return value;
  }

  const isBytes = (value) => value instanceof Uint8Array;

  // ---- COSE_Sign1 ------------------------------------------------------------------------------
  function takeApart(bytes) {
    if (bytes.length > MAX_BYTES) refuse("damaged");
    const reader = new Reader(bytes);
    const [major, tag] = reader.head();
    if (major !== 6 || tag !== 18) refuse("damaged");
    const value = reader.value();
    reader.end();
    if (!Array.isArray(value) || value.length !== 4) refuse("damaged");
    const [header, open, payload, signature] = value;
    if (!(open instanceof Map) || open.size || !isBytes(header) || !isBytes(payload)) refuse("damaged");
    const named = decode(header);
    if (!(named instanceof Map) || !isBytes(named.get(4))) refuse("damaged");
    if (named.get(1) !== -8 || named.size !== 2) refuse("newer_version");
    if (!isBytes(signature) || signature.length !== 64) refuse("damaged");
    return { header, payload, signature, keyId: hex(named.get(4)) };
  }

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  function written(bytes) {
    const size = bytes.length;
    const start = size < 24 ? [0x40 | size] : size < 256 ? [0x58, size] : [0x59, size >> 8, size & 255];
    return [...start, ...bytes];
  }

  // ["Signature1", header, h'', payload]
  const signedBytes = (message) => Uint8Array.from([0x84, 0x6a, ...new TextEncoder().encode("Signature1"), ...written(message.header), 0x40, ...written(message.payload)]);

  async function isSignedBy(message, publicKey, fallback) {
    const data = signedBytes(message);
    try {
      const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
      return await crypto.subtle.verify({ name: "Ed25519" }, key, message.signature, data);
    } catch {
      // A browser without Ed25519 of its own.
      const other = await fallback();
      try {
        return await other.verifyAsync(message.signature, data, publicKey, { zip215: false });
      } catch { return false; }
    }
  }

  // ---- claims ----------------------------------------------------------------------------------
  function restore(bytes, words) {
    const signs = [];
    for (let at = 0; at < bytes.length;) {
      const first = bytes[at];
      const size = first < 0x80 ? 1 : first < 0xff ? 2 : 4;
      if (at + size > bytes.length) refuse("damaged");
      if (size === 1) signs.push(String.fromCharCode(first));
      else if (size === 2) {
        const number = ((first - 0x80) << 8) | bytes[at + 1];
        if (number < CHARACTERS) signs.push(String.fromCharCode(FIRST + number));
        else signs.push(words[number - CHARACTERS] ?? refuse("damaged"));
      } else {
        const code = (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
        if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) refuse("damaged");
        signs.push(String.fromCodePoint(code));
      }
      at += size;
    }
    return signs.join("");
  }

  function dayOf(value) {
    if (typeof value !== "number" || !Number.isInteger(value) || value < EARLIEST || value > LATEST) refuse("damaged");
    return new Date(value * 86400000).toISOString().slice(0, 10);
  }

  function read(payload, words) {
    const fields = decode(payload);
    const version = fields instanceof Map ? fields.get(0) : undefined;
    if (typeof version !== "number" || version < VERSION) refuse("damaged");
    if (version > VERSION) refuse("newer_version");
    const onPaper = fields.has(MADE_ON);
    const own = onPaper ? [MADE_ON, BLANK_SERIAL] : [ISSUED_ON];
    const wanted = [0, APPROVAL_DATE, ...own, ...Object.keys(TEXTS).map(Number)];
    if (fields.size !== wanted.length || !wanted.every((label) => fields.has(label))) refuse("damaged");
    const claims = {};
    for (const [label, name] of Object.entries(TEXTS)) {
      const value = fields.get(Number(label));
      claims[name] = typeof value === "string" ? value : isBytes(value) ? restore(value, words) : refuse("damaged");
    }
    claims.approval_date = dayOf(fields.get(APPROVAL_DATE));
    claims[onPaper ? "made_on" : "issued_on"] = dayOf(fields.get(own[0]));
    if (onPaper) {
      const serial = fields.get(BLANK_SERIAL);
      if (typeof serial !== "number" || serial < 0) refuse("damaged");
      claims.blank_serial = String(serial).padStart(7, "0");
    }
    return claims;
  }

  // A payload that a key of ours signed is whole, whatever it holds.
  function readSigned(payload, words) {
    try {
      return read(payload, words);
    } catch (error) {
      if (error instanceof Refused && error.reason === "truncated") refuse("damaged");
      throw error;
    }
  }

  function objection(key, day) {
    if (key.revoked_from && day >= key.revoked_from) return "key_revoked";
    if (day < key.valid_from || (key.valid_to && day > key.valid_to)) return "key_not_in_use";
    return null;
  }

  function fromBase64(text) {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));
  }

  // `keys`: the published list's "keys"; `words`: the list of words; `fallback`: gives the Ed25519
  // of a library where the browser has none. Gives {valid, reason, claims, keyId, caution, digits}.
  async function verify(text, { keys, words, fallback }) {
    const found = { valid: false, reason: null, claims: null, keyId: "", caution: false, digits: "" };
    try {
      const message = takeApart(bytesOf(text));
      found.keyId = message.keyId;
      const key = keys.find((each) => each.kid === message.keyId) ?? refuse("unknown_key");
      if (!(await isSignedBy(message, fromBase64(key.x), fallback))) refuse("bad_signature");
      found.claims = readSigned(message.payload, words);
      const day = found.claims.made_on ?? found.claims.issued_on;
      found.reason = objection(key, day);
      found.valid = found.reason === null;
      found.caution = found.valid && Boolean(key.revoked_from);
      found.digits = digitsOf(text);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      found.reason = error.reason;
    }
    return found;
  }

  return { verify };
})();
globalThis.ZcCredential = ZcCredential;
