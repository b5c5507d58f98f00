'use client';

import { BodyAnalysisClient, drawPersons, filterValidPersons } from 'body21';
import { useEffect, useRef, useState } from 'react';

/** A photo with its skeletons: the visitor's own, or the sample until there is one. */
export function Photo({ sample }) {
  const [client, setClient] = useState(null);
  const [file, setFile] = useState(null);
  const [status, setStatus] = useState('');
  const [answer, setAnswer] = useState(null);
  const canvas = useRef(null);

  // The worker lives as long as the component is shown.
  useEffect(() => {
    const end = new AbortController();
    let created;
    (async () => {
      created = await BodyAnalysisClient.create({
        model: 'lite',
        quality: 'fast',
        signal: end.signal,
        onProgress: ({ loaded, total }) => setStatus(`Loading: ${Math.round((100 * loaded) / total)} %`),
      });
      if (end.signal.aborted) created.dispose();
      else setClient(created);
    })().catch((error) => {
      if (!end.signal.aborted) setStatus(error.message);
    });
    return () => {
      end.abort();
      created?.dispose();
      setClient(null);
    };
  }, []);

  useEffect(() => {
    if (!client) return undefined;
    const end = new AbortController();
    setStatus('Looking for people …');
    (async () => {
      const photo = file ?? (await (await fetch(sample, { signal: end.signal })).blob());
      const result = await client.bodyAnalysis(photo, { signal: end.signal });
      const picture = await createImageBitmap(photo);
      if (end.signal.aborted) return;
      const people = filterValidPersons(result);
      [canvas.current.width, canvas.current.height] = [picture.width, picture.height];
      const context = canvas.current.getContext('2d');
      context.drawImage(picture, 0, 0);
      drawPersons(context, people);
      setAnswer(result);
      const { name, threads } = client.backend;
      setStatus(`People: ${people.person_num}. Backend: ${name}, threads: ${threads}.`);
    })().catch((error) => {
      if (!end.signal.aborted) setStatus(error.message);
    });
    return () => end.abort();
  }, [client, file, sample]);

  return (
    <>
      <p>
        <label>
          Photo:{' '}
          <input type="file" accept="image/*" onChange={({ target }) => setFile(target.files?.[0] ?? null)} />
        </label>
      </p>
      <p role="status">{status}</p>
      <canvas
        id="picture"
        ref={canvas}
        role="img"
        aria-label="The photo"
        style={{ maxWidth: '100%', maxHeight: '70vh' }}
      />
      <details>
        <summary>The answer as JSON</summary>
        <pre id="answer">{answer && JSON.stringify(answer, null, 2)}</pre>
      </details>
    </>
  );
}
