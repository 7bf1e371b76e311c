// A packed seed (lth/report/packing.py): zlib in base64, then a length, JSON, and the arrays that it names.
const ARRAYS = { u1: Uint8Array, u4: Uint32Array, i1: Int8Array, i2: Int16Array };

async function unpack(text) {
  if (typeof DecompressionStream === "undefined") {
    throw new Error("this browser cannot unpack the tickets; any of 2023 or later can");
  }
  const packed = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  const buffer = await new Response(stream).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const arrays = {};
  for (const [name, { type, at, length: size }] of Object.entries(head.arrays)) {
    arrays[name] = new ARRAYS[type](buffer, 4 + length + at, size);
  }
  return { ...head, arrays };
}
