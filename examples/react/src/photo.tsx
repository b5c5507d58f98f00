import { drawPersons, filterValidPersons } from 'body21';
import type { BodyAnalysisClient, BodyAnalysisResult } from 'body21';
import { useEffect, useRef } from 'react';
import { usePhoto } from './use-body21.ts';

interface PhotoProps {
  client: BodyAnalysisClient | undefined;
  photo: Blob | undefined;
  /** Must stay the same from one rendering to the next. */
  onStatus: (text: string) => void;
}

/** A photo with everyone's skeleton. */
export function Photo({ client, photo: wanted, onStatus }: PhotoProps) {
  const { photo, result, error } = usePhoto(client, wanted);
  const canvas = useRef<HTMLCanvasElement>(null);

  useEffect(() => {
    if (!client || photo !== wanted) onStatus('Looking for people …');
    else if (error) onStatus(error.message);
  }, [client, photo, wanted, error, onStatus]);

  useEffect(() => {
    if (!client || !photo || !result) return undefined;
    let isWanted = true;
    const show = async () => {
      const count = await draw(canvas.current, photo, result);
      const { name, threads } = client.backend;
      if (isWanted) onStatus(`People: ${count}. Backend: ${name}, threads: ${threads}.`);
    };
    void show();
    return () => {
      isWanted = false;
    };
  }, [client, photo, result, onStatus]);

  return (
    <>
      <canvas
        id="picture"
        ref={canvas}
        role="img"
        aria-label="The photo"
        style={{ maxWidth: '100%', maxHeight: '70vh' }}
      />
      <details>
        <summary>The answer as JSON</summary>
        <pre id="answer">{result && JSON.stringify(result, null, 2)}</pre>
      </details>
    </>
  );
}

/** Draws the photo and everyone in it who passes the filter, and tells how many that are. */
async function draw(
  canvas: HTMLCanvasElement | null,
  photo: Blob,
  result: BodyAnalysisResult,
): Promise<number> {
  const picture = await createImageBitmap(photo);
  const people = filterValidPersons(result);
  const context = canvas?.getContext('2d');
  if (canvas && context) {
    [canvas.width, canvas.height] = [picture.width, picture.height];
    context.drawImage(picture, 0, 0);
    drawPersons(context, people);
  }
  return people.person_num;
}
