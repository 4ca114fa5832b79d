/**
 * Ids under which something is imported. Behind that of something regional stands `@<region>`, since a provider is told
 * nothing but the id, and would look in its own region (Terraform AWS provider, "Enhanced Region Support").
 */
interface ImportId {
  id: string;
  /** `null`: the provider's own. */
  region: string | null;
}

const withRegion = /^(?<id>.+)@(?<region>[a-z]{2}(?:-[a-z]+)+-\d)$/;

/** The parts of an id to import by; without a region where none stands behind it. */
export const parseImportId = (text: string): ImportId => {
  const { id = text, region = null } = withRegion.exec(text)?.groups ?? {};
  return { id, region };
};
