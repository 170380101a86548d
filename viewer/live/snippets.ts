// Snippets: one line in each of three languages that draws a moving body in a slot.
import { PLAIN_BODY } from "../../src/motion/plain-body.ts";

export interface Snippet {
  readonly language: string;
  /** How to run the line. */
  readonly howTo: string;
  readonly code: string;
}

// Without a word about coordinates, a slot has Unity's: +x is the body's right.
const BONES = PLAIN_BODY.map(({ name, parent, at: [x, y, z] }) =>
  [name, parent ?? "", -x, y, z].join(),
).join(" ");

/** Lines that post to `url` 30 times a second until they are stopped. The arms go up and down. */
export function snippetsFor(url: string): readonly Snippet[] {
  return [
    {
      language: "JavaScript",
      howTo: "In a terminal, with Node or Bun (bun -e):",
      // Double quotes around it and none inside: every shell takes it, those of Windows included.
      code:
        `node -e "setInterval(()=>fetch('${url}',{method:'POST',headers:{'Content-Type':'application/json'},` +
        `body:JSON.stringify(frame())}),33);const v=(x,y,z)=>({x:x/100,y:y/100,z:z/100}),` +
        `r=a=>({x:0,y:0,z:Math.sin(a),w:Math.cos(a)}),one=v(100,100,100),` +
        `frame=()=>({timestamp:Date.now()/1000,blendShapes:[],` +
        `rootTransform:{worldPosition:v(0,0,0),worldRotation:r(0),localScale:one},` +
        `bones:'${BONES}'.split(' ').map(b=>b.split(',')).map(([name,parent,x,y,z])=>` +
        `({name,parent:parent||null,localPosition:v(x,y,z),localScale:one,` +
        `localRotation:r(/tArm/.test(name)?Math.sign(x)*Math.sin(Date.now()/400)/2:0)}))})"`,
    },
    {
      language: "Python",
      howTo: "In a terminal, with Python 3 (no packages needed; on Windows: python):",
      code:
        `python3 -c "import json,math,time,urllib.request as u;v=lambda x,y,z:dict(x=x/100,y=y/100,z=z/100);` +
        `r=lambda a:dict(x=0,y=0,z=math.sin(a),w=math.cos(a));one=v(100,100,100);` +
        `frame=lambda t:dict(timestamp=t,blendShapes=[],` +
        `rootTransform=dict(worldPosition=v(0,0,0),worldRotation=r(0),localScale=one),` +
        `bones=[dict(name=n,parent=p or None,localPosition=v(int(x),int(y),int(z)),localScale=one,` +
        `localRotation=r(math.copysign(math.sin(t*2.5)/2,int(x))if 'tArm' in n else 0))` +
        `for n,p,x,y,z in(b.split(',')for b in '${BONES}'.split())]);` +
        `[(u.urlopen(u.Request('${url}',json.dumps(frame(t)).encode(),{'Content-Type':'application/json'}))` +
        `.close(),time.sleep(.03))for t in iter(time.time,0)]"`,
    },
    {
      language: "C#",
      howTo: "In an async method, of Unity (async void Start) or of any .NET program:",
      // Whole numbers with an exponent: no culture writes a comma into them. Ticks count from the year 1.
      code:
        `for (var http = new System.Net.Http.HttpClient(); ; await System.Threading.Tasks.Task.Delay(33)) { ` +
        `var t = (System.DateTime.UtcNow.Ticks - 621355968000000000) / 1e7; ` +
        `System.Func<double, string> n = d => (long)(d * 1000) + "e-3"; ` +
        `System.Func<string, string, string, string> v = (x, y, z) => "{'x':" + x + "e-2,'y':" + y + "e-2,'z':" + z + "e-2}"; ` +
        `System.Func<double, string> r = a => "{'x':0,'y':0,'z':" + n(System.Math.Sin(a)) + ",'w':" + n(System.Math.Cos(a)) + "}"; ` +
        `var one = v("100", "100", "100"); ` +
        `var bones = System.Linq.Enumerable.Select("${BONES}".Split(' '), b => { var p = b.Split(','); ` +
        `var a = p[0].Contains("tArm") ? System.Math.Sin(t * 2.5) / 2 * System.Math.Sign(int.Parse(p[2])) : 0; ` +
        `return "{'name':'" + p[0] + "','parent':" + (p[1] == "" ? "null" : "'" + p[1] + "'") + ` +
        `",'localPosition':" + v(p[2], p[3], p[4]) + ",'localRotation':" + r(a) + ",'localScale':" + one + "}"; }); ` +
        `var json = "{'timestamp':" + n(t) + ",'blendShapes':[],'rootTransform':{'worldPosition':" + v("0", "0", "0") + ` +
        `",'worldRotation':" + r(0) + ",'localScale':" + one + "},'bones':[" + string.Join(",", bones) + "]}"; ` +
        `await http.PostAsync("${url}", new System.Net.Http.StringContent(json.Replace('\\'', '"'), ` +
        `System.Text.Encoding.UTF8, "application/json")); }`,
    },
  ];
}
