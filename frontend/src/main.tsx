import { render } from 'preact';
import './ui/tokens.css';
import './ui/base.css';
import './ui/pieces.css';
import './shell/shell.css';
import { App } from './app.tsx';

render(<App />, document.getElementById('app')!);
