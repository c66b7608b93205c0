package import VIMTransport

/// A cloud as `clouds.yaml` describes it: where it is and how we show who we are.
package struct OpenStackCloud: Sendable {
  package enum Credential: Sendable {
    case password(user: Named, password: Secret, project: Named?)
    /// By its id, or by its name and the user whose it is.
    case application(id: String?, name: String?, user: Named?, secret: Secret)
  }

  /// A user or a project: by its id, or by its name within a domain.
  package struct Named: Hashable, Sendable {
    package var id: String?
    package var name: String?
    package var domainID: String?
    package var domainName: String?

    package init(
      id: String? = nil, name: String? = nil, domainID: String? = nil, domainName: String? = nil
    ) {
      self.id = id
      self.name = name
      self.domainID = domainID
      self.domainName = domainName
    }
  }

  package var name: String
  /// Ends in `/v3`.
  package var identity: String
  package var credential: Credential
  /// Nil takes the first endpoint of each service.
  package var region: String?
  /// `public`, `internal` or `admin`.
  package var interface = "public"
  /// Endpoints that are said in the file instead of looked up, by type of service.
  package var endpoints: [String: String] = [:]
  package var tls = TLSOptions()
  /// What our networks are a part of where virtual functions are used: `physnet1`.
  package var physicalNetwork: String?
  /// The image of a function whose policy names none.
  package var image: String?

  package init(name: String, identity: String, credential: Credential) {
    self.name = name
    self.identity = identity
    self.credential = credential
  }

  /// All that must be told to no one.
  package var secrets: [Secret] {
    switch credential {
    case .password(_, let password, _): [password]
    case .application(_, _, _, let secret): [secret]
    }
  }
}
