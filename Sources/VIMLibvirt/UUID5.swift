import VIMProtocol

/// The UUID of a name that Placet gives in libvirt: the same name has the same one for ever.
func uuid5(_ name: String) -> String {
  NameUUID(name, in: "6b1d0c54-2f3e-4e5a-9a71-5c06d83be297").description
}
