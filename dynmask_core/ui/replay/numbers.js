// What packing.py has laid out, as numbers again.

const PER_UNIT = 1e5; // whole numbers are multiples of 10⁻⁵

// A page's packed text → its bytes.
async function unsqueeze(text) {
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// sizes: numbers of each array in one epoch; widths: bytes of each number. Returns by name one array over all epochs,
// of whole numbers.
function spread(body, epochs, sizes, widths) {
  let at = 0;
  return Object.fromEntries(Object.entries(widths).map(([name, bytes]) => {
    const [size, count] = [sizes[name], sizes[name] * epochs];
    const values = new Float64Array(count);
    for (let byte = 0, unit = 1; byte < bytes; byte += 1, unit *= 256, at += count) {
      for (let i = 0; i < count; i += 1) values[i] += body[at + i] * unit;
    }
    for (let i = 0; i < count; i += 1) {
      const folded = values[i];
      values[i] = (folded % 2 ? -(folded + 1) / 2 : folded / 2) + (i < size ? 0 : values[i - size]);
    }
    return [name, values];
  }));
}
