// Looks for the number with which SHA-256 of "token:number" begins with so many zero bits.
// An own SHA-256: the browser's works on pages with TLS alone, and one promise for each try is slow.
const K = new Uint32Array(64);
{
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) >>> 0;
  for (let n = 2, found = 0; found < 64; n += 1) {
    let prime = true;
    for (let d = 2; d * d <= n; d += 1) if (n % d === 0) { prime = false; break; }
    if (prime) { K[found] = fraction(Math.cbrt(n)); found += 1; }
  }
}
const BEGIN = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
const W = new Uint32Array(64);

function block(state, view, at) {
  for (let i = 0; i < 16; i += 1) W[i] = view.getUint32(at + i * 4);
  for (let i = 16; i < 64; i += 1) {
    const a = W[i - 15], b = W[i - 2];
    const s0 = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
    const s1 = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
    W[i] = (W[i - 16] + s0 + W[i - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + S1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  const added = [a, b, c, d, e, f, g, h];
  return state.map((word, i) => (word + added[i]) | 0);
}

onmessage = ({ data: { token, bits } }) => {
  const head = new TextEncoder().encode(`${token}:`);
  const whole = Math.floor(head.length / 64) * 64;
  // The token's whole blocks are the same for every try.
  let state = BEGIN;
  const first = new DataView(head.buffer, head.byteOffset);
  for (let at = 0; at < whole; at += 64) state = block(state, first, at);
  const rest = head.subarray(whole);
  const bytes = new Uint8Array(128);
  const view = new DataView(bytes.buffer);
  for (let tried = 0; ; tried += 1) {
    const digits = String(tried);
    const length = rest.length + digits.length;
    const size = length + 9 > 64 ? 128 : 64;
    bytes.fill(0, rest.length);
    bytes.set(rest);
    for (let i = 0; i < digits.length; i += 1) bytes[rest.length + i] = digits.charCodeAt(i);
    bytes[length] = 0x80;
    view.setUint32(size - 4, (whole + length) * 8);
    let digest = block(state, view, 0);
    if (size === 128) digest = block(digest, view, 64);
    if (digest[0] >>> (32 - bits) === 0) { postMessage({ done: digits }); return; }
    if (tried % 20000 === 0) postMessage({ tried });
  }
};
