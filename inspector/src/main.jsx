// The inspector: one page of a listener, which shows what it does.

import { render } from 'preact';
import { Session } from './session.js';
import { App } from './shell/app.jsx';

render(<App session={new Session(location.origin)} />, document.getElementById('root'));
