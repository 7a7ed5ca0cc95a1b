#include "s3emu/rest/settings/acl_xml.h"

#include "s3emu/xml/body.h"
#include "s3emu/xml/writer.h"

namespace tidemark::s3emu {
namespace {

tl::unexpected<S3Error> malformed() { return fail(S3Error::of(S3Code::kMalformedAclError)); }

tl::unexpected<S3Error> invalid(const char* message, const char* name, const std::string& value) {
  return fail(
      S3Error::of(S3Code::kInvalidArgument, message).with("ArgumentName", name).with("ArgumentValue", value));
}

void write_person(XmlWriter* xml, std::string_view id, std::string_view display_name) {
  xml->text("ID", id);
  if (!display_name.empty()) xml->text("DisplayName", display_name);
}

// `CanonicalUser`, without the prefix that the attribute's name and value may have.
std::string_view grantee_type(pugi::xml_node grantee) {
  for (const pugi::xml_attribute& attribute : grantee.attributes()) {
    std::string_view name = attribute.name();
    const std::size_t colon = name.find(':');
    if (colon == std::string_view::npos || name.starts_with("xmlns:")) continue;
    if (name.substr(colon + 1) == "type") return attribute.value();
  }
  return {};
}

S3Result<Grant> parse_grant(pugi::xml_node node, const KnownAccounts& accounts) {
  const pugi::xml_node grantee = child_element(node, "Grantee");
  const auto permission = parse_permission(child_text(node, "Permission").value_or(""));
  if (!grantee || !permission) return malformed();
  const std::string_view type = grantee_type(grantee);
  const auto id = child_text(grantee, "ID");
  const auto uri = child_text(grantee, "URI");
  const auto email = child_text(grantee, "EmailAddress");
  if (type == "CanonicalUser" && id) {
    if (!accounts.knows(*id)) return invalid("Invalid id", "CanonicalUser/ID", *id);
    return Grant{GranteeKind::kUser, *id, *permission};
  }
  if (type == "Group" && uri) {
    const auto kind = parse_group_uri(*uri);
    if (!kind) return invalid("Invalid group uri", "Group/URI", *uri);
    return Grant{*kind, {}, *permission};
  }
  if (type == "AmazonCustomerByEmail" && email) {
    return fail(S3Error::of(S3Code::kUnresolvableGrantByEmailAddress).with("emailAddress", *email));
  }
  return malformed();
}

}  // namespace

std::string acl_document(const ObjectOwner& owner, const Acl& acl, const KnownAccounts& accounts) {
  XmlWriter xml("AccessControlPolicy");
  xml.open("Owner");
  write_person(&xml, owner.id, owner.display_name);
  xml.close();
  xml.open("AccessControlList");
  for (const Grant& grant : acl.grants) {
    const bool is_user = grant.kind == GranteeKind::kUser;
    xml.open("Grant");
    xml.open("Grantee", std::string("xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"") +
                            (is_user ? "CanonicalUser" : "Group") + "\"");
    if (is_user) {
      const auth::Account* const account = accounts.find ? accounts.find(grant.id) : nullptr;
      write_person(&xml, grant.id, account == nullptr ? "" : account->display_name);
    } else {
      xml.text("URI", group_uri(grant.kind));
    }
    xml.close();
    xml.text("Permission", permission_name(grant.permission));
    xml.close();
  }
  return xml.take();
}

S3Result<AclDocument> parse_acl_document(const std::string& body, const KnownAccounts& accounts) {
  pugi::xml_document document;
  const auto root = parse_xml(&document, body, "AccessControlPolicy");
  if (!root) return malformed();
  const pugi::xml_node list = child_element(*root, "AccessControlList");
  const auto owner = child_text(child_element(*root, "Owner"), "ID");
  if (!list || !owner) return malformed();
  AclDocument out{*owner, {}};
  for (pugi::xml_node node = list.first_child(); node; node = node.next_sibling()) {
    if (node.type() != pugi::node_element) continue;
    if (!is_element(node, "Grant") || out.acl.grants.size() == kGrantsMax) return malformed();
    ASSIGN_OR_RETURN(Grant grant, parse_grant(node, accounts));
    out.acl.grants.push_back(std::move(grant));
  }
  return out;
}

}  // namespace tidemark::s3emu
