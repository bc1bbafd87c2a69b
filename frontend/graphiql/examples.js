/** The tabs GraphiQL opens with: from signing in to following new courriers. */
export const examples = [
  {
    query: `# Bienvenue dans GraphiQL. Si vous êtes connecté à la plateforme, lancez (Ctrl + Entrée).
# Qui suis-je, pour quel établissement, et qu’est-ce qui m’attend ?
query Moi {
  viewer {
    isOperator
    user { firstName lastName profile expiresOn }
    actingFor {
      name
      siret
      viewerAccess { levels { level service { label } } }
    }
    tasks { kind count label dueOn }
    courrierSummary { total unread byFund { fund { code } total unread } }
  }
}`,
  },
  {
    query: `# Pour vous connecter : soit sur la page /connexion, dans le même navigateur,
# soit ici, en remplaçant l’identifiant et le mot de passe dans « Variables »,
# puis en lançant la requête (Ctrl + Entrée). La session est gardée dans un cookie.
mutation SeConnecter($input: LogInInput!) {
  logIn(input: $input) {
    viewer { user { firstName lastName } actingFor { name } }
    askWhom
    errors { code message path }
  }
}`,
    variables: JSON.stringify({ input: { identifier: 'votre identifiant', password: 'votre mot de passe', transport: 'COOKIE' } }, null, 2),
  },
  {
    query: `# Les derniers courriers non lus.
# Page suivante : donner endCursor dans la variable « after ».
query CourriersNonLus($first: Int = 10, $after: String) {
  viewer {
    courriers(first: $first, after: $after, filter: { unread: true }, orderBy: DEPOSITED_DESC) {
      totalCount
      pageInfo { hasNextPage endCursor }
      edges {
        node {
          id
          reference
          subject
          fund { code }
          type { label }
          establishment { name }
          depositedAt
          dueOn
        }
      }
    }
  }
}`,
    variables: JSON.stringify({ first: 10 }, null, 2),
  },
  {
    query: `# Un courrier, ses documents (adresses signées, de courte durée) et son suivi.
# Copier dans « Variables » un id donné par l’onglet précédent.
query UnCourrier($id: ID!) {
  node(id: $id) {
    ... on Courrier {
      subject
      reference
      document { fileName size pageCount sha256 downloadUrl }
      readings(first: 10) { edges { node { readAt reader { firstName lastName } } } }
      timeline { kind occurredAt actor { firstName lastName } detail }
    }
  }
}`,
    variables: JSON.stringify({ id: '' }, null, 2),
  },
  {
    query: `# Marquer des courriers comme lus ou non lus, les archiver.
# Un champ absent n’est pas changé ; chaque courrier a son propre résultat.
mutation Marquer($input: MarkCourriersInput!) {
  markCourriers(input: $input) {
    results { id errors { code message } }
    errors { code message path }
  }
}`,
    variables: JSON.stringify({ input: { ids: [], read: true } }, null, 2),
  },
  {
    query: `# Les nouveaux courriers, au moment où ils arrivent (WebSocket).
# « after » : le dernier « cursor » reçu, ou viewer.feedCursor, pour reprendre
# sans rien manquer après une coupure.
subscription NouveauxCourriers($after: String) {
  courrierDeposited(after: $after) {
    cursor
    courrier { id subject fund { code } establishment { name } depositedAt }
    summary { total unread }
  }
}`,
  },
  {
    query: `# Les comptes de l’établissement (administrateurs) : ceux qui expirent bientôt.
query ComptesQuiExpirent {
  viewer {
    actingFor {
      users(first: 20, filter: { expiresWithin: 60 }, orderBy: EXPIRES_ASC) {
        totalCount
        edges { node { firstName lastName identifier status expiresOn rights { level service { label } } } }
      }
    }
  }
}`,
  },
  {
    query: `# Le catalogue public : fonds, services, types de courriers. Sans connexion.
query Catalogue {
  funds { code label }
  services { code label theme onlineSince isDelegable }
  courrierTypes { code label channel notifiesByEmail availableSince fund { code } service { label } }
}`,
  },
  {
    query: `# La lecture des courriers, mois par mois (gestionnaires de la plateforme).
query Lecture($from: Date) {
  adoption(from: $from) {
    establishmentsServed
    establishmentsReading
    establishmentsNeverReading
    courriersDeposited
    courriersRead
    byMonth { month courriersDeposited courriersRead }
  }
}`,
  },
  {
    query: `# Les limites que le serveur met à une requête.
query Limites {
  limits { maximumDepth maximumTokens maximumAliases maximumCost maximumPageSize maximumUploadSize }
}`,
  },
];
