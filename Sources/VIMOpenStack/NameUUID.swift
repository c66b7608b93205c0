import VIMProtocol

/// The UUID of a name that Placet gives in OpenStack: the same name has the same one in every run.
func nameUUID(_ name: String) -> String {
  NameUUID(name, in: "8d1f0c52-6b0e-5c4a-9a57-2f6e706c6163").description
}
