import { BODY_PARTS } from 'body21';
import type { BodyAnalysisResult, BodyPart } from 'body21';

/** A line of the JSON as it is shown, with its end. */
export interface JsonLine {
  text: string;
  /** The person that it tells of, as an index of `person_info`. */
  person?: number | undefined;
  /** The keypoint that it tells of. */
  part?: BodyPart | undefined;
}

/** The JSON, a line a keypoint: five would bury the shape of the answer. */
export function jsonLines(result: BodyAnalysisResult): JsonLine[] {
  const text = JSON.stringify(result, undefined, 2).replace(/\{[^{}]*\}/g, (leaf) =>
    leaf.replace(/\s+/g, ' '),
  );
  let isInPeople = false;
  let person = -1;
  const lines = text.split('\n');
  return lines.map((line, at) => {
    const ended = at < lines.length - 1 ? `${line}\n` : line;
    if (/^ {2}"person_info": \[$/.test(line)) isInPeople = true;
    else if (/^ {2}\]/.test(line)) isInPeople = false;
    else if (isInPeople) {
      if (line === '    {') person++;
      const name = /^ {8}"(\w+)": \{ "x"/.exec(line)?.[1];
      return { text: ended, person, part: BODY_PARTS.find((part) => part === name) };
    }
    return { text: ended };
  });
}
