import type { ComponentChildren } from 'preact';
import { StepUp } from '../second-factor/step-up.tsx';
import { Changes } from '../session/changes.tsx';
import { useSession } from '../session/session.tsx';
import { Announcer } from '../ui/announcer.tsx';
import { Offline } from '../ui/offline.tsx';
import { ActingBar } from './acting-bar.tsx';
import { Footer } from './footer.tsx';
import { Header } from './header.tsx';
import { texts } from './texts.ts';

/** What stands around every screen. */
export function Shell({ children }: { children: ComponentChildren }) {
  const { viewer } = useSession();
  return (
    <>
      <a class="skip" href="#contenu">{texts.skip}</a>
      <Header viewer={viewer ?? null} />
      <Offline />
      {viewer && <ActingBar viewer={viewer} />}
      {viewer?.user && <Changes viewer={viewer} />}
      <main id="contenu" tabIndex={-1}>{children}</main>
      <Footer />
      {viewer && <StepUp />}
      <Announcer />
    </>
  );
}
