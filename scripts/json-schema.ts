import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from '@typescript/typescript6';
import { toJsonSchema } from '@valibot/to-json-schema';
import type { JsonSchema } from '@valibot/to-json-schema';
import { defineResult } from '../src/schema/definition.ts';
import { ROOT } from './headless.ts';

type Parts = ReturnType<typeof defineResult>['parts'];

/** The public type of each part, whose comments describe its fields in the JSON Schema as well. */
const TYPES: Readonly<Partial<Record<keyof Parts, string>>> = {
  person: 'PersonInfo',
  keypoint: 'Keypoint',
  location: 'PersonLocation',
  extras: 'PersonExtras',
  landmark33: 'Landmark33',
  world_point: 'WorldPoint',
  mask: 'PersonMask',
};

/**
 * The JSON Schema of a result (draft 2020-12): its rules from the definition that results are parsed by, its
 * words from the public types.
 */
export function resultJsonSchema(): JsonSchema {
  const { result, parts } = defineResult();
  const { $schema, ...written } = toJsonSchema(result, {
    target: 'draft-2020-12',
    typeMode: 'input',
    definitions: parts,
    // What these look at is more than JSON Schema can say; its description says so.
    ignoreActions: ['raw_check', 'finite'],
  });
  const comments = commentsOf(join(ROOT, 'src/schema/result.ts'));
  for (const [part, type] of Object.entries(TYPES)) {
    const schema = written.$defs?.[part];
    if (typeof schema !== 'object') throw new Error(`There is no schema of ${part}.`);
    const words = comments.get(type);
    if (words !== undefined) schema.description = words;
    describeFields(schema, type, comments);
  }
  describeFields(written, 'BodyAnalysisResult', comments);
  return {
    ...($schema !== undefined && { $schema }),
    title: 'Body analysis result',
    description:
      'Every person in a picture with 21 keypoints: the answer of body21 and of the cloud API. Fields beside the documented ones may be there and mean nothing. Ranges of scores and coordinates are not enforced. Two rules are more than JSON Schema can say: person_num is the length of person_info, and the counts of a mask add up to its size.',
    ...written,
  };
}

/** Adds the comments on a type's fields to the schema of it. */
function describeFields(schema: JsonSchema, type: string, comments: ReadonlyMap<string, string>): void {
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    const words = comments.get(`${type}.${name}`);
    if (words !== undefined && typeof field === 'object') field.description = words;
  }
}

/** The doc comments of a file's interfaces and their fields, by `Interface` and `Interface.field`. */
function commentsOf(file: string): Map<string, string> {
  const comments = new Map<string, string>();
  const note = (name: string, node: ts.Node) => {
    const [comment] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
    const text = ts.getTextOfJSDocComment(comment?.comment);
    if (text === undefined) return;
    comments.set(name, text.replaceAll(/\{@link (\w+)\}|`/g, '$1').replaceAll(/\s+/g, ' '));
  };
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  for (const statement of source.statements) {
    if (!ts.isInterfaceDeclaration(statement)) continue;
    const type = statement.name.text;
    note(type, statement);
    for (const member of statement.members) {
      if (member.name && ts.isIdentifier(member.name)) note(`${type}.${member.name.text}`, member);
    }
  }
  return comments;
}
