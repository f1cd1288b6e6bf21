import { isRecord } from '../api';

/**
 * The server's answer to a save request, as far as it matters here.
 */
export interface ISaveReply {
  /**
   * How the save ended; everything but `success` means that the file was not written.
   */
  readonly status: string;

  /**
   * Why the save failed, if the server says so.
   */
  readonly reason: string | null;
}

/**
 * The number that a JSON message on a document's socket begins with.
 */
const RAW_MESSAGE = 2;

/**
 * Read a message of a document's socket.
 *
 * @returns the reply to a save request, or `null` for every other message.
 */
export function readSaveReply(data: unknown): ISaveReply | null {
  if (!isBuffer(data)) {
    return null;
  }
  const bytes = new Uint8Array(data);
  if (bytes[0] !== RAW_MESSAGE) {
    return null;
  }
  return parseSaveReply(readText(bytes.subarray(1)));
}

/**
 * Not `instanceof`, since a buffer may come from another realm.
 */
function isBuffer(data: unknown): data is ArrayBuffer {
  return Object.prototype.toString.call(data) === '[object ArrayBuffer]';
}

/**
 * Read a text: its length in groups of seven bits, lowest first, then UTF-8.
 */
function readText(bytes: Uint8Array): string {
  let length = 0;
  let start = 0;
  let more = true;
  while (more && start < bytes.length) {
    length += (bytes[start] & 0x7f) * 2 ** (7 * start);
    more = bytes[start] >= 0x80;
    start++;
  }
  return new TextDecoder().decode(bytes.subarray(start, start + length));
}

function parseSaveReply(text: string): ISaveReply | null {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(message) || message.type !== 'save') {
    return null;
  }
  const { status, reason } = message;
  if (typeof status !== 'string') {
    return null;
  }
  return { status, reason: typeof reason === 'string' ? reason : null };
}
