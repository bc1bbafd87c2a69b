import type { ComponentType } from 'preact';
import { lazily } from '../ui/lazy.tsx';
import type { Viewer } from './session.tsx';

/** What must be done before anything else: a screen for each, in the place of every other. */
const gates: Partial<Record<NonNullable<Viewer['heldBack']>, ComponentType>> = {
  ACCEPT_TERMS: lazily(async () => (await import('../terms/acceptance.tsx')).default),
  ASK_TO_ACCEPT_TERMS: lazily(async () => (await import('../terms/asking.tsx')).default),
};

/** The only screen of somebody who is held back, whatever the address; signing out and help stay around it. */
export function gateOf(viewer: Viewer): ComponentType | null {
  return (viewer.heldBack && gates[viewer.heldBack]) || null;
}
