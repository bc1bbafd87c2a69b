import { useClient } from '@urql/preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { change } from '../graph.ts';
import { graphql } from '../graphql.ts';
import { useSession, type Viewer } from '../session/session.tsx';
import { Switcher } from '../session/switcher.tsx';
import { texts as sessionTexts } from '../session/texts.ts';
import { AdministratorBadge, Building, Chart, Check, ChevronDown, Clock, Envelope, Home, SignOut, Sliders } from '../ui/icons.tsx';
import { texts } from './texts.ts';

const LogOut = graphql(`mutation LogOut { logOut { errors { code message path } } }`);

export function Header({ viewer }: { viewer: Viewer | null }) {
  return (
    <header class="header">
      <div class="header-inner">
        <Link href="/" class="brand">
          <svg viewBox="0 0 32 32" width="34" height="34" aria-hidden="true" focusable="false">
            <path d="M4 8.5h24v15H4z" fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" />
            <path class="brand-fold" d="m4.5 9 11.5 8.5L27.5 9" fill="none" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" />
          </svg>
          <span><strong>{texts.brand}</strong> <span class="brand-line">{texts.tagline}</span></span>
        </Link>
        {viewer && !viewer.heldBack && <Navigation viewer={viewer} />}
        {viewer && <Account viewer={viewer} />}
      </div>
    </header>
  );
}

function Navigation({ viewer }: { viewer: Viewer }) {
  const unread = viewer.actingFor?.courrierSummary.unread ?? 0;
  return (
    <nav class="menu" aria-label={texts.navigation}>
      <ul>
        <Entry href="/" icon={<Home />} isExact>{texts.home}</Entry>
        {viewer.isOperator ? (
          <>
            <Entry href="/operateur/courriers" icon={<Envelope />}>{texts.allCourriers}</Entry>
            <Entry href="/operateur/etablissements" icon={<Building />}>{texts.establishments}</Entry>
            <Entry href="/operateur/adoption" icon={<Chart />}>{texts.adoption}</Entry>
            <Entry href="/operateur/services" icon={<Sliders />}>{texts.services}</Entry>
            <Entry href="/operateur/journal" icon={<Clock />}>{texts.journal}</Entry>
            <Entry href="/operateur/cgu" icon={<Check />}>{texts.conditions}</Entry>
          </>
        ) : (
          <Entry href="/courriers" icon={<Envelope />}>
            {texts.courriers}
            {unread > 0 && <span class="count"> <span aria-hidden="true">{unread.toLocaleString('fr-FR')}</span><span class="sr-only">({texts.unread(unread)})</span></span>}
          </Entry>
        )}
      </ul>
    </nav>
  );
}

function Entry({ href, icon, isExact, children }: { href: string; icon: ComponentChildren; isExact?: boolean; children: ComponentChildren }) {
  const [path] = useLocation();
  const isHere = path === href;
  const isWithin = isHere || (!isExact && path.startsWith(`${href}/`));
  return (
    <li><Link href={href} aria-current={isHere ? 'page' : isWithin ? 'true' : undefined}>{icon} <span>{children}</span></Link></li>
  );
}

function Account({ viewer }: { viewer: Viewer }) {
  const client = useClient();
  const { renew } = useSession();
  const [, navigate] = useLocation();
  const { user, actingFor } = viewer;
  const establishment = actingFor ?? user?.establishment;
  const signOut = async () => {
    await change(client, LogOut, {});
    navigate('/connexion');
    renew('signed-out');
  };
  return (
    <div class="account" role="group" aria-label={texts.account}>
      {user && viewer.heldBack && <span class="badge badge-text"><span class="badge-person">{user.firstName} {user.lastName}</span> <span class="badge-establishment">{user.establishment.name}</span></span>}
      {user && !viewer.heldBack && (
        <Badge hasEstablishment={!viewer.isOperator || !!establishment}>
          {user.profile === 'ADMINISTRATOR' && <><AdministratorBadge label={texts.administrator} />{' '}</>}
          <span class="badge-text">
            <span class="badge-person">{user.firstName} {user.lastName}</span>{' '}
            <span class="badge-establishment">{viewer.isOperator ? texts.operator : establishment?.name}</span>
          </span>
        </Badge>
      )}
      {viewer.establishments.totalCount > 1 && !viewer.isOperator && (
        <Switcher label={texts.actFor} />
      )}
      <button type="button" class="header-action" onClick={() => void signOut()}>
        <SignOut /> <span class="header-action-label">{sessionTexts.signOut}</span>
      </button>
    </div>
  );
}

/** The badge: who, and for which establishment; it opens the way to « Mes informations » and « Mon établissement ». */
function Badge({ hasEstablishment, children }: { hasEstablishment: boolean; children: ComponentChildren }) {
  const [isOpen, open] = useState(false);
  const [path] = useLocation();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => open(false), [path]);
  useEffect(() => {
    if (!isOpen) return;
    const onPointer = (event: Event) => {
      if (!box.current?.contains(event.target as Node)) open(false);
    };
    document.addEventListener('pointerdown', onPointer);
    return () => document.removeEventListener('pointerdown', onPointer);
  }, [isOpen]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !isOpen) return;
    open(false);
    button.current?.focus();
  };
  const onFocusOut = (event: FocusEvent) => {
    if (event.relatedTarget && !box.current?.contains(event.relatedTarget as Node)) open(false);
  };
  return (
    <div class="badge-menu" ref={box} onKeyDown={onKeyDown} onFocusOut={onFocusOut}>
      <button type="button" class="badge" ref={button} aria-expanded={isOpen} aria-controls="badge-menu" onClick={() => open(!isOpen)}>{children} <ChevronDown /></button>
      <nav id="badge-menu" aria-label={texts.accountMenu} hidden={!isOpen}>
        <ul>
          <li><Link href="/mes-informations" aria-current={path === '/mes-informations' ? 'page' : undefined}>{texts.myInformation}</Link></li>
          {hasEstablishment && <li><Link href="/etablissement" aria-current={path === '/etablissement' ? 'page' : path.startsWith('/etablissement/') ? 'true' : undefined}>{texts.myEstablishment}</Link></li>}
        </ul>
      </nav>
    </div>
  );
}
