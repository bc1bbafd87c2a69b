import type { ComponentType } from 'preact';
import { useRef } from 'preact/hooks';
import { lazily } from '../ui/lazy.tsx';
import type { Viewer } from './session.tsx';

/** What must be done before anything else: a screen for each, in the place of every other. */
const gates: Partial<Record<NonNullable<Viewer['heldBack']>, ComponentType>> = {
  ACCEPT_TERMS: lazily(async () => (await import('../terms/acceptance.tsx')).default),
  ASK_TO_ACCEPT_TERMS: lazily(async () => (await import('../terms/asking.tsx')).default),
  ENROL_SECOND_FACTOR: lazily(async () => (await import('../second-factor/gate.tsx')).default),
};

/**
 * The only screen of somebody who is held back, whatever the address; signing out and help stay around it. The one that ends by
 * showing recovery codes stays until they are kept: it starts the session afresh by itself.
 */
export function useGate(viewer: Viewer | null | undefined): ComponentType | null {
  const kept = useRef<ComponentType | null>(null);
  const gate = (viewer?.heldBack && gates[viewer.heldBack]) || null;
  if (viewer?.heldBack === 'ENROL_SECOND_FACTOR') kept.current = gate;
  return kept.current ?? gate;
}
