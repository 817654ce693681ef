// Looks for the number with which SHA-256 of "token:number" begins with so many zero bits.
// An own SHA-256: the browser's works on pages with TLS alone, and one promise for each try is slow.
const K = new Int32Array(64);
{
  const fraction = (x) => ((x - Math.floor(x)) * 2 ** 32) >>> 0;
  for (let n = 2, found = 0; found < 64; n += 1) {
    let prime = true;
    for (let d = 2; d * d <= n; d += 1) if (n % d === 0) { prime = false; break; }
    if (prime) { K[found] = fraction(Math.cbrt(n)); found += 1; }
  }
}
const BEGIN = Int32Array.of(0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19);
const W = new Int32Array(64);

// Takes the block at "at" into the state: to[i] = from[i] + what the rounds make.
function block(to, from, view, at) {
  for (let i = 0; i < 16; i += 1) W[i] = view.getInt32(at + i * 4);
  for (let i = 16; i < 64; i += 1) {
    const x = W[i - 15], y = W[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    W[i] = W[i - 16] + s0 + W[i - 7] + s1;
  }
  let a = from[0], b = from[1], c = from[2], d = from[3];
  let e = from[4], f = from[5], g = from[6], h = from[7];
  for (let i = 0; i < 64; i += 1) {
    const S1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + S1 + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const S0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (S0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  to[0] = from[0] + a; to[1] = from[1] + b; to[2] = from[2] + c; to[3] = from[3] + d;
  to[4] = from[4] + e; to[5] = from[5] + f; to[6] = from[6] + g; to[7] = from[7] + h;
}

onmessage = ({ data: { token, bits } }) => {
  const head = new TextEncoder().encode(`${token}:`);
  const whole = Math.floor(head.length / 64) * 64;
  // The token's whole blocks are the same for every try.
  const state = Int32Array.from(BEGIN);
  const digest = new Int32Array(8);
  const first = new DataView(head.buffer, head.byteOffset);
  for (let at = 0; at < whole; at += 64) block(state, state, first, at);
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
    block(digest, state, view, 0);
    if (size === 128) block(digest, digest, view, 64);
    if (digest[0] >>> (32 - bits) === 0) { postMessage({ done: digits }); return; }
    if (tried % 20000 === 0) postMessage({ tried });
  }
};
