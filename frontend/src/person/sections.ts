import type { ComponentType } from 'preact';
import { lazily } from '../ui/lazy.tsx';
import { texts } from './texts.ts';

/** A section of « Mes informations »: its place in the address (`#id`), its heading, and what stands below, with a query of its own. */
interface Section { id: string; title: string; Content: ComponentType }

const section = (id: string, title: string, load: () => Promise<{ default: ComponentType }>): Section =>
  ({ id, title, Content: lazily(async () => (await load()).default, 'section') });

/** In the order of the page. A section more is a line more, and a file with a default export. */
export const sections: readonly Section[] = [
  section('coordonnees', texts.sections.details, () => import('./details.tsx')),
  section('mot-de-passe', texts.sections.password, () => import('./password.tsx')),
  section('double-authentification', texts.sections.secondFactor, () => import('../second-factor/section.tsx')),
  section('connexions', texts.sections.sessions, () => import('./sessions.tsx')),
  section('droits', texts.sections.rights, () => import('./rights.tsx')),
  section('preferences', texts.sections.preferences, () => import('./preferences.tsx')),
  section('messages', texts.sections.messages, () => import('./messages.tsx')),
  section('activite', texts.sections.activity, () => import('../journal/own.tsx')),
  section('administrateurs', texts.sections.administrators, () => import('./administrators.tsx')),
];
