import Diagnostics
import Testing

@testable import PlacetVM

@Suite struct EvaluationTests {
  @Test func `numbers are exact and whole numbers overflow with their line`() {
    WorldCase(
      #"""
      let a = 2 + 3 * 4                       //= 14
      let b = 7 div 2                         //= 3
      let c = -7 div 2                        //= -4
      let d = -7 mod 2                        //= 1
      let e = 1 / 3                           //= 1/3
      let f = 1 / 3 + 1 / 6                   //= 0.5
      let big = 9223372036854775807
      let g = big + 1                         //~ E0502
      let h = big * 2                         //~ E0502
      let i = 1 div 0                         //~ E0503
      let j = 1 / 0                           //~ E0503
      let k = 2 GiB + 512 MiB                 //= 2.5 GiB
      let l = 10 GiB / 4 GiB                  //= 2.5
      let m = 1 GiB > 1 GB                    //= true
      let n = 1.5 + 2.25                      //= 3.75
      let o = floor(7 GiB, to: 2 GiB)         //= 6 GiB
      let p = round(5 / 2)                    //= 3
      let q = max(3, 4) - min(3, 4)           //= 1
      let r = abs(-3)                         //= 3
      let s = 10 GiB mod 4 GiB                //= 2 GiB
      let t = (-7) mod (-2)                   //= -1
      let u = 3 in 1..3                       //= true
      let v = 3 in 1..<3                      //= false
      let w = 80 % * 10                       //= 8
      """#
    ).expectAsWritten()
  }

  @Test func `text, lists, sets and maps are values`() {
    WorldCase(
      #"""
      let a = "x\(1 + 1)y"                    //= "x2y"
      let b = [1, 2, 3].count                 //= 3
      let c = [x * x for each x in 1..4]      //= [1, 4, 9, 16]
      let d = set [1, 2, 1]                   //= set [1, 2]
      let e = ["a": 1, "b": 2]
      let f = e["b"] ?? 0                     //= 2
      let g = e["c"]                          //= none
      let h = [1, 2][2]                       //~ E0501
      let i = sum(x for each x in 1..100)     //= 5050
      let j = max(x for each x in [3, 1, 2])  //= 3
      let k = min(x for each x in [1] where x > 5) //= none
      let l = [x.name: x.ok for each x in [(name: "a", ok: true)]] //= ["a": true]
      let m = ["k": 1, "k": 2]                //~ E0507
      let n = [(a, b) for each a in 1..2, b in a..2] //= [(1, 1), (1, 2), (2, 2)]
      let o = set [1, 2] == set [2, 1]        //= true
      let p = "ab" < "b"                      //= true
      let q = "a" in ["b", "a"]               //= true
      let r = [3, 1, 2].sorted                //= [1, 2, 3]
      let s = "a,b,c".split(",")              //= ["a", "b", "c"]
      let t = pairs([1, 2, 3])                //= [(1, 2), (1, 3), (2, 3)]
      let u = all(x > 0 for each x in [1, 2]) //= true
      let v = any(x > 1 for each x in [1, 1]) //= false
      let w = count(x for each x in 1..10 where x mod 3 == 0) //= 3
      let x = (1, ("a", 2.5))                 //= (1, ("a", 2.5))
      let y = [k for each (k, n) in e where n > 1] //= ["b"]
      fun adder(n: int): (int) -> int = y => y + n
      let z = adder(3)(4)                     //= 7
      """#
    ).expectAsWritten()
  }

  @Test func `functions, matches and conditions`() {
    WorldCase(
      #"""
      enum colour { red, green, blue }
      enum shape { dot, box(width: int, height: int), line(length: int) }
      record point { x: int, y: int = 7 }
      fun area(s: shape): int = match s {
        dot => 0
        box(w, h) => w * h
        line(_) => 0
      }
      fun name_of(c: colour?): text = match c {
        red or green => "warm"
        blue => "cold"
        none => "nothing"
      }
      fun twice(f: (int) -> int, x: int): int = f(f(x))
      fun grade(n: int): text = match n {
        0 => "zero"
        1..9 => "digit"
        _ => "more"
      }
      fun steps_of(n: int): int { let a = n + 1; let b = a * 2; return b - n }
      fun next(n: int): [int] = if n < 5 then [n + 1, n + 2] else []
      let a = area(box(width: 3, height: 4))  //= 12
      let b = area(dot) + area(line(length: 3)) //= 0
      let c = name_of(red)                    //= "warm"
      let d = name_of(none)                   //= "nothing"
      let e = twice(x => x * 3, 2)            //= 18
      let f = grade(5)                        //= "digit"
      let g = grade(50)                       //= "more"
      let h = steps_of(10)                    //= 12
      let i = point(x: 1)                     //= point(x: 1, y: 7)
      let j = point(x: 1).y                   //= 7
      let k = reach([1], along: next)         //= [1, 2, 3, 4, 5, 6]
      let l = if a > 10 then "big" else "small" //= "big"
      let m: int = refuse "not today"         //~ E0501
      let n = (a > 100 and b / 0 > 1) == false //= true
      let o = box(width: 1, height: 2) == box(width: 1, height: 2) //= true
      let p = [area(s) for each s in [box(width: 2, height: 2), dot]] //= [4, 0]
      """#
    ).expectAsWritten()
  }

  @Test func `a value that needs itself says how`() {
    let policy = WorldCase(
      #"""
      entity node {
        next: node
        let depth: int = next.depth + 1
      }
      node a { next: b }
      node b { next: a }
      let d = node["a"].depth
      """#)
    let world = policy.built()
    var story = ""
    do { if let id = policy.global("d") { _ = try world.global(id) } } catch {
      story = error.diagnostics.map { "\($0.code) \($0.primary.text)" }.joined()
    }

    #expect(story == "E0357 a.depth -> b.depth -> a.depth")
  }
}
