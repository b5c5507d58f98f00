import { ByteBuffer } from 'flatbuffers';

/**
 * One table of a FlatBuffers file, read by field number.
 *
 * The `flatbuffers` package brings the runtime only: typed accessors come from a generator run over a schema,
 * and no npm package carries TFLite's. The build needs some thirty fields, so they are read by their number
 * in that schema; see `tflite.ts`.
 */
export class Table {
  readonly #buffer: ByteBuffer;
  readonly #at: number;

  private constructor(buffer: ByteBuffer, at: number) {
    this.#buffer = buffer;
    this.#at = at;
  }

  /** The root table of a file that must carry the four-letter `identifier`. */
  static root(bytes: Uint8Array, identifier: string): Table {
    if (new TextDecoder('latin1').decode(bytes.subarray(4, 8)) !== identifier) {
      throw new Error(`the file does not have the identifier ${identifier}`);
    }
    const buffer = new ByteBuffer(bytes);
    return new Table(buffer, buffer.readUint32(0));
  }

  has(field: number): boolean {
    return this.#field(field) !== undefined;
  }

  /**
   * The numbers of the fields that the file holds a value for; a field at its default is normally left out.
   */
  presentFields(): number[] {
    const vtable = this.#at - this.#buffer.readInt32(this.#at);
    this.#check(vtable, 4);
    // Two 16-bit sizes come first, then one 16-bit offset per field.
    const slots = (this.#buffer.readUint16(vtable) - 4) / 2;
    return Array.from({ length: slots }, (_, field) => field).filter((field) => this.has(field));
  }

  int8(field: number, absent = 0): number {
    const at = this.#field(field, 1);
    return at === undefined ? absent : this.#buffer.readInt8(at);
  }

  uint8(field: number, absent = 0): number {
    const at = this.#field(field, 1);
    return at === undefined ? absent : this.#buffer.readUint8(at);
  }

  int32(field: number, absent = 0): number {
    const at = this.#field(field, 4);
    return at === undefined ? absent : this.#buffer.readInt32(at);
  }

  uint32(field: number, absent = 0): number {
    const at = this.#field(field, 4);
    return at === undefined ? absent : this.#buffer.readUint32(at);
  }

  string(field: number): string {
    return new TextDecoder().decode(this.bytes(field));
  }

  table(field: number): Table | undefined {
    const at = this.#field(field, 4);
    return at === undefined ? undefined : this.#follow(at);
  }

  tables(field: number): Table[] {
    return this.#vector(field, 4, (at) => this.#follow(at));
  }

  int32s(field: number): number[] {
    return this.#vector(field, 4, (at) => this.#buffer.readInt32(at));
  }

  uint16s(field: number): number[] {
    return this.#vector(field, 2, (at) => this.#buffer.readUint16(at));
  }

  /** A vector of bytes; empty when the field is absent. */
  bytes(field: number): Uint8Array {
    const { start, length } = this.#span(field, 1);
    return this.#buffer.bytes().subarray(start, start + length);
  }

  #vector<T>(field: number, size: number, read: (at: number) => T): T[] {
    const { start, length } = this.#span(field, size);
    return Array.from({ length }, (_, k) => read(start + k * size));
  }

  #span(field: number, size: number): { start: number; length: number } {
    const at = this.#field(field, 4);
    if (at === undefined) return { start: 0, length: 0 };
    const vector = at + this.#buffer.readUint32(at);
    this.#check(vector, 4);
    const length = this.#buffer.readUint32(vector);
    this.#check(vector + 4, length * size);
    return { start: vector + 4, length };
  }

  #follow(at: number): Table {
    return new Table(this.#buffer, at + this.#buffer.readUint32(at));
  }

  #field(field: number, size = 1): number | undefined {
    this.#check(this.#at, 4);
    // In the runtime's terms a field number is a position in the vtable: two sizes, then 2 bytes per field.
    // oxlint-disable-next-line no-underscore-dangle
    const offset = this.#buffer.__offset(this.#at, 4 + 2 * field);
    if (offset === 0) return undefined;
    this.#check(this.#at + offset, size);
    return this.#at + offset;
  }

  /** The runtime reads past the end without a word, so a cut file would give nonsense instead of an error. */
  #check(at: number, size: number): void {
    if (at < 0 || at + size > this.#buffer.capacity()) {
      throw new Error(`the file is cut short or damaged: nothing at byte ${at}`);
    }
  }
}
