// Binary messages: 4 bytes of the stream's number, 8 bytes of the offset, then the bytes (PROTOCOL section 5).

const HEAD_BYTES = 12;

/** The bytes of a view or an ArrayBuffer; throws for anything else. */
export function bytesOf(data) {
  const { buffer, byteOffset, byteLength } = ArrayBuffer.isView(data) ? data : new DataView(data);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export function encodeFrame(stream, offset, data) {
  const bytes = bytesOf(data);
  const frame = new Uint8Array(HEAD_BYTES + bytes.byteLength);
  const view = new DataView(frame.buffer);
  view.setUint32(0, stream);
  view.setBigUint64(4, BigInt(offset));
  frame.set(bytes, HEAD_BYTES);
  return frame;
}

/** `null` for a message that is too short to be one. */
export function decodeFrame(buffer) {
  if (buffer.byteLength < HEAD_BYTES) return null;
  const view = new DataView(buffer);
  return {
    stream: view.getUint32(0),
    offset: Number(view.getBigUint64(4)),
    bytes: new Uint8Array(buffer, HEAD_BYTES),
  };
}
