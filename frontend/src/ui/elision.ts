/** Names in sentences: « de » and « à » before them, with the article an establishment takes where one is known; as in e-mails. */
const ARTICLES = {
  'le ': 'centre ccas cdg cias conseil département groupe groupement ministère musée parc pôle port sdis service sivom sivu smictom syndicat',
  'la ': 'caisse chambre collectivité communauté commune crèche mairie maison métropole préfecture régie région résidence ville',
  'l’': 'académie agence agglomération association atelier école ehpad établissement eurométropole hôpital institut institution office union université',
};
const articles = new Map(Object.entries(ARTICLES).flatMap(([article, words]) => words.split(' ').map((word) => [word, article])));

/** « le », « la », « l’ », or nothing where the first word does not tell. */
const articleOf = (name: string) => articles.get(name.split(' ')[0]!.toLowerCase()) ?? '';

/** A name within a sentence: « la Commune de Royan ». */
export const the = (name: string) => articleOf(name) + name;

/** A name after « de »: « du Centre de gestion », « d’Agglomération royannaise ». */
export function of(name: string): string {
  const article = articleOf(name);
  if (!article) return /^[AEIOUYÀÂÄÉÈÊËÎÏÔÖÙÛÜŒ]/.test(name) ? `d’${name}` : `de ${name}`;
  return article === 'le ' ? `du ${name}` : `de ${article}${name}`;
}

/** A name after « à »: « au Centre de gestion ». */
export function to(name: string): string {
  const article = articleOf(name);
  return article === 'le ' ? `au ${name}` : `à ${article}${name}`;
}
