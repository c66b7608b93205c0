import Testing

/// Statements, makes, scenarios and tests, each in its place.
@Suite struct StatementTests {
  @Test func `entities get what their kind wants`() {
    PolicyCase(
      #"""
      import nfv
      site north { country: "SE" }
      vim v1 { kind: openstack, site: north }
      vim v2 { kind: openstack }                              //~ E0219
      vim v3 { kind: openstack, site: north, site: north }    //~ E0209
      host h1 { vim: v1, cell c0 { cores: 4 }, cell c0 { cores: 5 } }  //~ E0324
      host h2 { vim: v1, site: north }                        //~ E0315
      host h3 { vim: v1, vnf x { cpu: 1 } }                   //~ E0316
      cell c9 { cores: 3 }                                    //~ E0316
      cell c8 { host: h1, cores: 3 }
      host h4 { vim: v1, cells: [] }                          //~ E0315
      host h5 { vim: v1, name: "h6" }                         //~ E0315
      host "h-[1..3]" { vim: v1, if 1 < 2 { cores: 3 } else { cores: 4 } }
      site s9 { if 1 < 2 { country: "SE" } }                  //~ E0219
      for each n in 1..3 { host "x\(n)" { vim: v1, cores: n, cell "c\(n)" { cores: n } } }
      site north { country: "DE" }                            //~ E0324
      link a -> b { }                                         //~ E0316 W0202 W0202
      host a -> b { vim: v1 }                                 //~ E0307
      """#
    ).expectAsWritten(ignoring: ["W0202"])
  }

  @Test func `rules state and make nothing`() {
    PolicyCase(
      #"""
      import nfv
      rule r {
        host h { }                       //~ E0307
        load host from "x"               //~ E0307
        use s(1)                         //~ E0307
        waive r because "x"              //~ E0307
        prefer true weight "much"        //~ E0321
        require 1                        //~ E0203
        let x = 3
        require x                        //~ E0203
      }
      require true                       //~ E0307
      rule s(n: int) { require n > 0 }
      use s(1)
      use s("x")                         //~ E0203
      use s                              //~ E0207
      use r                              //~ E0307
      use t                              //~ E0303
      waive s for 3 because "x"          //~ E0203
      waive s for each host h where h.cores > 3 because "x"
      minimize preferences then "x"      //~ E0203
      """#
    ).expectAsWritten()
  }

  @Test func `scenarios and changes`() {
    PolicyCase(
      #"""
      import nfv
      param limit: int in 0..9 = 3
      record row { n: int }
      load rows: [row] from "x.json"
      scenario one(n: int = 1) {
        site north { country: "SE" }
        vim v1 { kind: openstack, site: north }
        host h1 { vim: v1, cores: n }
      }
      scenario two { scenario one(n: 2); h1.cores = 3; limit = 4; load rows: [row] from "y.json" }
      scenario three { scenario one(m: 2); h1.site = north; nope = 3 }   //~ E0207 E0315 E0201
      scenario four { scenario four }                                     //~ E0218
      test "t" {
        scenario two
        load rows: [text] from "x"                                        //~ E0203
        let a = solve with { h1.cores = "x" }                             //~ E0203
        solve from b                                                      //~ E0201
        expect a.nope == 3                                                //~ E0201
        expect a.limit == 3 and a[h1].cores == 1
        expect rule nope binding                                          //~ E0303
        expect relax nope                                                 //~ E0303
        expect h1                                                         //~ E0203
        expect why(h1).rules == set [] and why(h1, not: v1).any(r => r.text == "")
        expect plan.stpes == 1                                            //~ E0204
        minimize limit
      }
      let x = h1                                                          //~ E0201
      let y = possible(true)                                              //~ E0322
      """#
    ).expectAsWritten()
  }

  @Test func `an objective with preferences has one kind of weight`() {
    PolicyCase(
      #"""
      import nfv
      rule used(h: host) { prefer h.cores > 3 weight 2 }
      minimize cost
      """#
    ).expectAsWritten()
    PolicyCase(
      #"""
      import nfv
      rule used(h: host) { prefer h.cores > 3 weight 2 }
      use used(host["a"])
      use used(vnf["v"].instances[0].host)   //~ E0310
      minimize cost                          //~ E0319
      """#
    ).expectAsWritten()
    PolicyCase(
      #"""
      import nfv
      rule r { prefer true weight 2 EUR }
      let price = preferences * 2
      minimize price + 3 EUR
      """#
    ).expectAsWritten()
  }

  @Test func `layers and names of rules in other files`() {
    PolicyCase(
      #"""
      import vendor as acme
      import state
      layer operator
      waive acme.needs because "a"
      waive law because "b"       //~ E0306
      test "what if" { waive law because "b" }
      """#,
      modules: [
        "vendor": "layer vendor\nrule needs { require true }",
        "state": "layer regulator\nrule law { require true }",
      ]
    ).expectAsWritten()
  }
}
