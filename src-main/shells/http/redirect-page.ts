const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** The redirect file: a form that posts the one-use token, so that it stands in no address, history or log. */
export function redirectPage(origin: string, token: string, sentence: string): string {
  return `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Farmstead</title>
<form method="post" action="${escapeHtml(origin)}/sign-in"><input type="hidden" name="token" value="${escapeHtml(token)}"><button>${escapeHtml(sentence)}</button></form>
<script>document.forms[0].submit()</script>
`;
}
