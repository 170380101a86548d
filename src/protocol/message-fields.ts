// What the fields of a control message hold, as data, and the one check of it. Both sides read messages
// with it: client-message.ts and server-message.ts. Only shapes are checked, not what they mean.
import { badControl } from "./control.ts";

/** What a field holds. `any`: any JSON value. */
export interface Field {
  readonly is: "string" | "number" | "boolean" | "object" | "list" | "any";
  /** The field may be missing. */
  readonly isOptional?: true;
  readonly isNullable?: true;
  /** The only values that are allowed. */
  readonly oneOf?: readonly number[];
  /** Fields of the object, or of each object in the list. */
  readonly fields?: Fields;
  /** What a text looks like, and how an error says so. */
  readonly pattern?: { readonly form: RegExp; readonly name: string };
  /** What each value in the list is. */
  readonly each?: Field;
  /** Values in the list. */
  readonly countMax?: number;
}

/** Fields by name. Others may be present: a later version may have added them [S3]. */
export type Fields = Readonly<Record<string, Field>>;

/** @throws {ProtocolError} `BadMessage` naming the JSON path of the first field that is wrong. */
export function checkFields(owner: object, fields: Fields, path = "$"): void {
  for (const [name, field] of Object.entries(fields)) {
    checkField((owner as Record<string, unknown>)[name], field, `${path}.${name}`);
  }
}

function checkField(value: unknown, field: Field, path: string): void {
  const { is, isOptional, isNullable, oneOf, pattern } = field;
  if ((value === undefined && isOptional) || (value === null && isNullable)) return;
  const kind = kindOf(value);
  if (oneOf !== undefined ? !oneOf.includes(value as number) : kind !== is && !isAny(value, is)) {
    const expected = oneOf?.join(" or ") ?? NAMES[is];
    throw badControl(`${path}: expected ${expected}, found ${NAMES[kind]}`);
  }
  if (pattern !== undefined && !pattern.form.test(value as string)) {
    throw badControl(`${path}: expected ${pattern.name}`);
  }
  if (is === "object" && field.fields !== undefined)
    checkFields(value as object, field.fields, path);
  if (is === "list") checkList(value as unknown[], field, path);
}

function checkList(values: readonly unknown[], field: Field, path: string): void {
  const { fields, each = fields && { is: "object", fields }, countMax = Infinity } = field;
  if (values.length > countMax) {
    throw badControl(`${path}: expected at most ${countMax} values, found ${values.length}`);
  }
  if (each === undefined) return;
  for (const [index, value] of values.entries()) checkField(value, each, `${path}[${index}]`);
}

function isAny(value: unknown, is: Field["is"]): boolean {
  return is === "any" && value !== undefined;
}

/** The kind of a value that JSON.parse returned; undefined is a field that is missing. */
function kindOf(value: unknown): keyof typeof NAMES {
  if (value === undefined) return "undefined";
  if (value === null) return "null";
  if (Array.isArray(value)) return "list";
  // JSON's 1e999 is infinite.
  if (typeof value === "number") return Number.isFinite(value) ? "number" : "infinity";
  return typeof value as "string" | "boolean" | "object";
}

const NAMES = {
  any: "a value",
  boolean: "a boolean",
  infinity: "an infinite number",
  list: "an array",
  null: "null",
  number: "a number",
  object: "an object",
  string: "a string",
  undefined: "nothing",
} as const;
