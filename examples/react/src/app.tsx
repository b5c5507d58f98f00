import { useCallback, useState } from 'react';
import { Live } from './live.tsx';

/** Starts and stops the live picture. */
export function App() {
  const [isOn, setOn] = useState(false);
  const [status, setStatus] = useState('The picture stays in the browser.');
  const fail = useCallback((message: string) => {
    setOn(false);
    setStatus(message);
  }, []);
  const toggle = () => {
    setOn(!isOn);
    setStatus(isOn ? 'Stopped.' : 'Starting …');
  };
  return (
    <>
      <h1>body21 with React</h1>
      <p>
        <button type="button" onClick={toggle}>
          {isOn ? 'Stop' : 'Start the camera'}
        </button>
      </p>
      <p role="status">{status}</p>
      {isOn && <Live onStatus={setStatus} onError={fail} />}
    </>
  );
}
