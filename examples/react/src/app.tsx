import { useEffect, useState } from 'react';
import { Live } from './live.tsx';
import { Photo } from './photo.tsx';
import { useClient } from './use-body21.ts';

/** A photo, the sample until another is chosen; or the camera. */
export function App() {
  // The smallest download and the quickest answer; without the two, more people are found.
  const { client, progress, error } = useClient({ model: 'lite', quality: 'fast' });
  const [isLive, setLive] = useState(false);
  const [photo, setPhoto] = useState<Blob>();
  const [status, setStatus] = useState('');
  const loading = progress && `Loading: ${Math.round((100 * progress.loaded) / progress.total)} %`;

  useEffect(() => {
    let isWanted = true;
    void fetch('sample.jpg')
      .then((answer) => answer.blob())
      .then((sample) => isWanted && setPhoto((chosen) => chosen ?? sample));
    return () => {
      isWanted = false;
    };
  }, []);

  return (
    <>
      <h1>body21 with React</h1>
      <p>
        <label>
          Photo:{' '}
          <input
            type="file"
            accept="image/*"
            onChange={({ target }) => {
              setLive(false);
              setPhoto((before) => target.files?.[0] ?? before);
            }}
          />
        </label>{' '}
        <button type="button" onClick={() => setLive(!isLive)}>
          {isLive ? 'Stop' : 'Start the camera'}
        </button>
      </p>
      <p role="status">{error?.message ?? loading ?? status}</p>
      {isLive ? (
        <Live client={client} onStatus={setStatus} />
      ) : (
        <Photo client={client} photo={photo} onStatus={setStatus} />
      )}
    </>
  );
}
